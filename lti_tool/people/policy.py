"""Who may do what as an operator of the hub."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.people.actor import Actor


@says(_l("An operator of the hub"))
def is_operator(actor: Actor, _thing: object) -> bool:
    return actor.is_operator


RULES = {
    "hub.see": (is_operator,),
    "rules.see": (is_operator,),
}
