"""Verbs about seats: describe and limit a course, ask and answer, give places, withdraw."""
