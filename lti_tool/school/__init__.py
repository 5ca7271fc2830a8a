"""The coordinator's home: what waits, who the partners are, our courses and teachers, how rosters and grades do."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import policy as engine
from lti_tool.school import policy, views


def init_app(app: Flask) -> None:
    """Add this feature's rules and screens to the application."""
    engine.register(policy.RULES)
    app.register_blueprint(views.blueprint)
