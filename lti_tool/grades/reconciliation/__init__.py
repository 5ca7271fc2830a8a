"""Reconciliation: what the gradebooks hold, compared with the scores we delivered, and what a teacher decides about it."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.grades.reconciliation import jobs, policy, views
from lti_tool.grades.reconciliation.models import Comparison


def init_app(app: Flask) -> None:
    """Add this room's rules, screens and jobs to the application."""
    engine.register(policy.RULES, policy.ACTS)
    core_jobs.sweep(Comparison, jobs.compare_line_item)
    app.register_blueprint(views.blueprint)
