"""Shared courses in the LMS courses of those who take part: what is placed, which columns there are, and copies."""
