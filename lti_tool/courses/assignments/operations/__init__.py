"""The verbs of assignments: hand in, mark, release, extend, talk."""
