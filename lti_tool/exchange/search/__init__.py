"""Finding resources: what the index keeps of each, and how a search is asked and counted."""
