"""Shared cross-school courses."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import policy as engine
from lti_tool.courses import cli, jobs, policy
from lti_tool.courses.views import blueprint

__all__ = ["jobs"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and commands to the application."""
    engine.register(policy.RULES)
    app.register_blueprint(blueprint)
    app.cli.add_command(cli.courses)
