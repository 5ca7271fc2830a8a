"""The operator's console: every organization, invitation and registration of the hub, and what to do with them.

It stands above the features whose facts its lists put side by side, and owns no table.
"""

from __future__ import annotations

from flask import Flask

from lti_tool.console import policy, views
from lti_tool.console.cli import archive, merge, restore
from lti_tool.core import policy as engine
from lti_tool.organizations.cli import organizations


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and commands to the application."""
    engine.register(policy.RULES, policy.ACTS)
    app.register_blueprint(views.blueprint)
    for command in (archive, restore, merge):
        organizations.add_command(command)
