"""Discussions as activities: threads across schools or in each group, what a pupil wrote, and a grade for it if wanted."""
