"""People: persons, identities, the actor, names by the privacy rule, operators and guests and their sign-in."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.core import web
from lti_tool.people import cli, policy, session, views
from lti_tool.people.guests import jobs as guest_jobs
from lti_tool.people.guests import policy as guest_policy
from lti_tool.people.guests import views as guest_views
from lti_tool.people.guests.models import MailCode


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    session.init_app(app)
    web.on_language_choice(session.remember_language)
    engine.register(policy.RULES)
    engine.register(guest_policy.RULES)
    core_jobs.sweep(MailCode, guest_jobs.send_code)
    for screens in (views.operating, views.coordinators, guest_views):
        app.register_blueprint(screens.blueprint)
    app.cli.add_command(cli.operator)
