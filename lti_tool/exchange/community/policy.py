"""Who may report, ask, answer and request."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.exchange.access import Access
from lti_tool.exchange.community.models import Need
from lti_tool.exchange.policy import may_take, works_anywhere
from lti_tool.people.actor import Actor


@says(_l("A teacher or coordinator to whom it is open, who is no author of it"))
def may_judge(actor: Actor, access: Access) -> bool:
    return may_take(actor, access) and not access.authored


@says(_l("Whoever asked for it"))
def asked_for_it(actor: Actor, need: Need) -> bool:
    return actor.person_id == need.person_id and actor.organization_id == need.organization_id


@says(_l("A coordinator of the organization that asked"))
def coordinates_asker(actor: Actor, need: Need) -> bool:
    return actor.coordinates and actor.organization_id == need.organization_id


@says(_l("An operator of the hub"))
def operates_hub(actor: Actor, _need: Need) -> bool:
    return actor.is_operator


RULES: dict[str, tuple[Predicate, ...]] = {
    "resource.report": (may_judge,),
    "resource.ask": (may_judge,),
    "need.see": (works_anywhere, operates_hub),  # a Need
    "need.change": (asked_for_it, coordinates_asker, operates_hub),  # a Need
}
ACTS = {
    "resource.report": _l("Report how a resource was used, and rate it"),
    "resource.ask": _l("Ask the author of a resource"),
    "need.see": _l("See what is needed"),
    "need.change": _l("Change or close a request for a resource"),
}
