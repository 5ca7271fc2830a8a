"""An LMS that moves to another address: its registration follows, with everything that hangs on it."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.platforms.moves import jobs, policy, views
from lti_tool.platforms.moves.models import Move


def init_app(app: Flask) -> None:
    """Add this room's rules, screens and jobs to the application."""
    engine.register(policy.RULES, policy.ACTS)
    core_jobs.sweep(Move, jobs.look_at_address)
    app.register_blueprint(views.blueprint)
