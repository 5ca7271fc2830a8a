"""Agreements between organizations: what they bring in, who answers for what, and who has signed."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.agreements import belongings, jobs, merging, policy, views, wording
from lti_tool.agreements.queries import kept_scans
from lti_tool.core import audit
from lti_tool.core import policy as engine
from lti_tool.organizations.storage import keeps_files
from lti_tool.people.support.wording import open_to_support

__all__ = ["jobs"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and jobs to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    belongings.register()
    merging.register()
    keeps_files("agreement_signature", kept_scans())
    open_to_support(
        {
            "agreements.index": _l("Agreements"),
            "agreements.show": _l("Agreement"),
            "agreements.text": _l("Text of an agreement"),
            "agreements.document": _l("Agreement as a document"),
        }
    )
    app.register_blueprint(views.blueprint)
