"""Shared cross-school courses."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.core import audit
from lti_tool.core import policy as engine
from lti_tool.courses import belongings, cli, jobs, kinds, policy, retention, wording
from lti_tool.courses.assignments.kind import KIND as ASSIGNMENT
from lti_tool.courses.live.kind import KIND as LIVE
from lti_tool.courses.models import CourseOffer, SharedCourse
from lti_tool.courses.operations.teaching import settle_offers
from lti_tool.courses.pages.kind import KIND as PAGE
from lti_tool.courses.views import blueprint
from lti_tool.organizations import pointers

__all__ = ["jobs"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and commands to the application."""
    kinds.register(PAGE, ASSIGNMENT, LIVE)
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    belongings.register()
    retention.register()
    pointers.moves(SharedCourse.organization_id, _l("Shared courses it hosts"))
    pointers.moves(CourseOffer.organization_id, _l("Courses offered to it"), settle=settle_offers)
    app.register_blueprint(blueprint)
    app.cli.add_command(cli.courses)
