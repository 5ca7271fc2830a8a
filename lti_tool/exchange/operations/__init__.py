"""Verbs of resources: publishing, using, curating."""
