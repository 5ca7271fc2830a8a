"""People: persons, identities, the actor, names by the privacy rule."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
