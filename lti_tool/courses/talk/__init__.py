"""What pupils and teachers say to each other about a work, of whatever kind."""
