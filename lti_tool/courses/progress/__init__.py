"""How far pupils have come: one pupil, a class, all schools in numbers, and who may need help."""
