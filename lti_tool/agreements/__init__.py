"""Agreements between organizations: what they bring in, who answers for what, and who has signed."""
