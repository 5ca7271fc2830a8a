"""The screens about what is kept of people: everybody's own, and the coordinator's."""
