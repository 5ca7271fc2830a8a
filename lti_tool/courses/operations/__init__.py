"""What people do with courses; split by who does it: teaching, taking part, working, grading."""
