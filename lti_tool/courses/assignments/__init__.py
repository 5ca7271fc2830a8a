"""Assignments: a text, files or both, handed in and graded."""
