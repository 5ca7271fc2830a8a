"""Certificates of completion: what a course asks for, who has earned one, and how anybody checks one by its number."""
