"""People: persons, identities, the actor, names by the privacy rule."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import web
from lti_tool.people import session


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    session.init_app(app)
    web.on_language_choice(session.remember_language)
