"""Line items, scores and their durable delivery."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import audit
from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.grades import belongings, cli, jobs, lanes, operations, policy, queries, views, wording
from lti_tool.grades.models import LineItem, Score
from lti_tool.grades.reconciliation import init_app as add_reconciliation
from lti_tool.platforms import evidence
from lti_tool.platforms.moves import addresses


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, jobs and commands to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    belongings.register()
    evidence.hear(queries.arrivals_seen)
    addresses.holds_addresses(LineItem.url, queries.of_registration)
    addresses.after_move(operations.resume)
    app.register_blueprint(views.blueprint)
    core_jobs.sweep(Score, jobs.deliver, due=lanes.due_lanes)
    app.cli.add_command(cli.grades)
    add_reconciliation(app)
