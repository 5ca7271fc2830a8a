"""Verbs of guests: inviting and ending, coming in, passkeys, codes by e-mail."""
