"""Reads about seats: the catalogue, requests, places and what is free."""
