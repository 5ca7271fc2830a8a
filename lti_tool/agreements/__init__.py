"""Agreements between organizations: what they bring in, who answers for what, and who has signed."""

from __future__ import annotations

from flask import Flask

from lti_tool.agreements import belongings, jobs, merging, policy, views, wording
from lti_tool.core import audit
from lti_tool.core import policy as engine

__all__ = ["jobs"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and jobs to the application."""
    engine.register(policy.RULES)
    audit.word(wording.HAPPENED, wording.THINGS)
    belongings.register()
    merging.register()
    app.register_blueprint(views.blueprint)
