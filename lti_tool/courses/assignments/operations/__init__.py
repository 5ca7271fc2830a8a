"""The verbs of assignments: hand in, mark, give feedback, release, extend."""
