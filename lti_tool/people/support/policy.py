"""Who may ask for, allow and end support access. What it opens stands in the rules of the pages themselves."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.people.actor import Actor
from lti_tool.people.policy import coordinates_it, is_operator
from lti_tool.people.support.models import SupportAccess
from lti_tool.platforms.policy import coordinates_owner


@says(_l("The operator who asked for it"))
def asked_for_it(actor: Actor, access: SupportAccess) -> bool:
    return actor.person_id == access.person_id and (actor.is_operator or actor.supports is not None)


RULES: dict[str, tuple[Predicate, ...]] = {
    "support.list": (is_operator, coordinates_it),  # an Organization, or the hub
    "support.ask": (is_operator,),  # an Organization
    "support.choose": (coordinates_it,),  # an Organization: only after its yes, or at once
    "support.see": (is_operator, coordinates_owner),  # a SupportAccess
    "support.decide": (coordinates_owner,),  # a SupportAccess
    "support.start": (asked_for_it,),  # a SupportAccess
    "support.end": (coordinates_owner, asked_for_it),  # a SupportAccess
}
ACTS = {
    "support.list": _l("See when support looked at the organization's pages"),
    "support.ask": _l("Ask for support access to the organization's pages"),
    "support.choose": _l("Decide whether support access needs a yes first"),
    "support.see": _l("See which pages a support access opened"),
    "support.decide": _l("Say yes or no to support access"),
    "support.start": _l("Begin a support access"),
    "support.end": _l("End a support access"),
}
