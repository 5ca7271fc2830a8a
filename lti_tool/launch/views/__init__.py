"""Screens of launches: the /lti/ addresses, choosing content, and the home page."""
