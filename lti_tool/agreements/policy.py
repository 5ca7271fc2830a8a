"""Who may do what with agreements: the coordinators of its parties, nobody else. Things are an Agreement."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.agreements.models import DRAFT, Agreement, Revision
from lti_tool.core.policy import Predicate, says
from lti_tool.people.actor import Actor
from lti_tool.people.policy import coordinates_it, supports_it


@says(_l("A coordinator of a party; before it is proposed, of the organization that writes it"))
def coordinates_party(actor: Actor, agreement: Agreement) -> bool:
    return actor.coordinates and _knows_of(actor.organization_id, agreement)


@says(_l("Support of a party that can see it, reading only; before it is proposed, of the organization that writes it"))
def supports_party(actor: Actor, agreement: Agreement) -> bool:
    return actor.supports is not None and _knows_of(actor.supports, agreement)


def _knows_of(organization_id: int | None, agreement: Agreement) -> bool:
    if agreement.author_id == organization_id:
        return True
    parties = {party.organization_id for party in agreement.parties}
    return agreement.proposed_at is not None and organization_id in parties


@says(_l("A coordinator of the organization that writes the draft"))
def writes_draft(actor: Actor, agreement: Agreement) -> bool:
    newest = agreement.revisions[-1]
    return actor.coordinates and newest.state == DRAFT and newest.author_id == actor.organization_id


@says(_l("A coordinator of a party; a draft, of the organization that writes it"))
def may_read(actor: Actor, revision: Revision) -> bool:
    own = revision.author_id == actor.organization_id
    return coordinates_party(actor, revision.agreement) and (own or revision.proposed_at is not None)


@says(_l("Support of a party that can see it, reading only; a draft, of the organization that writes it"))
def support_may_read(actor: Actor, revision: Revision) -> bool:
    own = revision.author_id == actor.supports
    return supports_party(actor, revision.agreement) and (own or revision.proposed_at is not None)


RULES: dict[str, tuple[Predicate, ...]] = {
    "agreement.list": (coordinates_it, supports_it),  # an Organization
    "agreement.draft": (coordinates_it,),  # an Organization
    "agreement.see": (coordinates_party, supports_party),
    "agreement.see_revision": (may_read, support_may_read),  # a Revision
    "agreement.edit": (writes_draft,),
    "agreement.rewrite": (coordinates_party,),
    "agreement.answer": (coordinates_party,),
    "agreement.end": (coordinates_party,),
}
ACTS = {
    "agreement.list": _l("See the list of an organization's agreements"),
    "agreement.draft": _l("Begin an agreement"),
    "agreement.see": _l("See an agreement"),
    "agreement.see_revision": _l("Read a text of an agreement and its scans"),
    "agreement.edit": _l("Change the draft of an agreement"),
    "agreement.rewrite": _l("Propose a change of an agreement"),
    "agreement.answer": _l("Sign or decline an agreement"),
    "agreement.end": _l("End an agreement before its time"),
}
