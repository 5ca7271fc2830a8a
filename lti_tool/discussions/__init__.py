"""Discussions that any feature can put somewhere: threads, moderation, reports. See docs/developer/discussions.md."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.core import audit
from lti_tool.core import policy as engine
from lti_tool.discussions import belongings, policy, retention, views, wording
from lti_tool.discussions.models import Forum
from lti_tool.discussions.telling import KINDS
from lti_tool.organizations import pointers
from lti_tool.people.guests.views import open_to_partners
from lti_tool.people.notices import kinds as notices

OPEN_TO_PARTNERS = ("forum", "thread", "post", "history", "file", "new_thread", "reply", "edit", "delete", "report")


def init_app(app: Flask) -> None:
    """Add this feature's rules and screens to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    notices.register(*KINDS)
    belongings.register()
    retention.register()
    pointers.moves(Forum.organization_id, _l("Discussions"))
    open_to_partners(*(f"discussions.{view}" for view in OPEN_TO_PARTNERS))
    app.register_blueprint(views.blueprint)
    app.register_blueprint(views.filtering.blueprint)
