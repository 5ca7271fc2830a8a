"""Assignments, from the outside."""
