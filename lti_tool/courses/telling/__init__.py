"""What pupils and teachers of a course are told: what opened, what is due soon, grades, seats, and what is new."""
