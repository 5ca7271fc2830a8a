"""Live sessions: everybody meets at one time, in a room elsewhere; who was there is kept."""
