"""Verbs about registrations, invitations and checks."""
