"""Screens of quizzes."""
