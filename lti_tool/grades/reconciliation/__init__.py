"""Reconciliation: what the gradebooks hold, compared with the scores we delivered, and what a teacher decides about it."""
