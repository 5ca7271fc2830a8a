"""Who reads notices: whom they tell."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.people.actor import Actor
from lti_tool.people.notices.models import Notice


@says(_l("Whoever it tells"))
def is_told(actor: Actor, notice: Notice) -> bool:
    return actor.identity_id is not None and actor.identity_id == notice.identity_id


RULES = {"notice.read": (is_told,)}  # a Notice
ACTS = {"notice.read": _l("Open a notice")}
