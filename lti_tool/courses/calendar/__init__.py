"""A calendar that a person's own program fetches from a secret address: what opens, what is due, when live sessions are."""
