"""Quizzes: questions that are marked by themselves, and some by hand."""
