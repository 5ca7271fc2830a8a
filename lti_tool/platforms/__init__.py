"""Platforms: registrations, deployments, invitations and the doctor."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.core import audit
from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.organizations import pointers
from lti_tool.platforms import access, cli, jobs, policy, views, wording
from lti_tool.platforms.models import DoctorReport, Invitation, Registration
from lti_tool.platforms.moves import init_app as add_moves


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    access.init_app(app)
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    pointers.moves(Registration.organization_id, _l("Registered LMSs"))
    pointers.moves(Invitation.organization_id, _l("Invitations"))
    core_jobs.sweep(DoctorReport, jobs.examine_registration)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.platforms)
    app.cli.add_command(cli.keys)
    add_moves(app)
