"""Line items, scores and their durable delivery, and the comparison with what the gradebooks hold."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.grades import cli, jobs
from lti_tool.grades.models import Score
from lti_tool.grades.reconciliation import jobs as comparing
from lti_tool.grades.reconciliation import policy, views
from lti_tool.grades.reconciliation.models import Comparison


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, jobs and commands to the application."""
    engine.register(policy.RULES)
    core_jobs.sweep(Score, jobs.deliver_score)
    core_jobs.sweep(Comparison, comparing.compare_line_item)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.grades)
