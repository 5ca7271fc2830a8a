"""Announcements: what operators tell everybody, or one kind of people, on top of their pages for a while."""

from __future__ import annotations

from flask import Flask

from lti_tool.announcements import belongings, jobs, policy, showing, views, wording
from lti_tool.core import audit
from lti_tool.core import policy as engine
from lti_tool.people.guests.views import open_to_partners
from lti_tool.people.privacy.views.gate import open_to_held

__all__ = ["jobs"]


def init_app(app: Flask) -> None:
    """Add this feature's rules and screens to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    open_to_partners("announcements.dismiss")
    open_to_held("announcements.dismiss")
    belongings.register()
    showing.init_app(app)
    app.register_blueprint(views.blueprint)
