"""The ground floor: what every feature stands on. Knows no school and no LTI."""
