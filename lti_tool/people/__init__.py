"""People: persons, identities, the actor, names by the privacy rule, operators and their sign-in."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import policy as engine
from lti_tool.core import web
from lti_tool.people import cli, policy, session, views
from lti_tool.people.privacy import policy as privacy_policy
from lti_tool.people.privacy.views import gate, office, own


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    session.init_app(app)
    web.on_language_choice(session.remember_language)
    engine.register(policy.RULES)
    engine.register(privacy_policy.RULES)
    for screens in (views.operating, views.coordinators, own, office):
        app.register_blueprint(screens.blueprint)
    gate.open_to_coordinators("coordinators")
    app.cli.add_command(cli.operator)
