"""The /lti/ endpoints: from a launch to the feature its link points at."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import audit
from lti_tool.core import policy as engine
from lti_tool.launch import belongings, jobs, policy, wording
from lti_tool.launch.views import home, lti, selection
from lti_tool.people.guests.views import open_to_partners

__all__ = ["jobs"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, {})
    belongings.register()
    open_to_partners("home.index")
    for views in (lti, selection, home):
        app.register_blueprint(views.blueprint)
