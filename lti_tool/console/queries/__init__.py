"""Reads of the console's lists; each costs the same number of statements for one row and for thousands."""
