"""The gradebook as a place to work in: many cells at once, what changed, who is excused, files to take along."""
