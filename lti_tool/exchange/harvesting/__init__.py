"""Catalogues of others: they take our public resources along by OAI-PMH 2.0."""
