"""Who may do what with resources. Things are an Access (see access.py), or what the verb's comment says."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.exchange.access import Access, is_grown_up
from lti_tool.exchange.models import HUB, PARTNERS, PUBLIC, PUBLISHED, Vocabulary
from lti_tool.people.actor import Actor


@says(_l("A teacher or coordinator of the organization"))
def works_at_organization(actor: Actor, organization_id: int) -> bool:
    return is_grown_up(actor) and actor.organization_id == organization_id


@says(_l("An author, who works for the organization whose it is"))
def wrote_it(actor: Actor, access: Access) -> bool:
    return access.authored and is_grown_up(actor)


@says(_l("A coordinator of the organization whose it is, once it has been published or when a harvest brought it"))
def coordinates_owner(actor: Actor, access: Access) -> bool:
    return actor.coordinates and access.own and (not access.is_draft or access.harvested)


@says(_l("A teacher or coordinator of the organization whose it is, while it is published or in use"))
def is_colleague(actor: Actor, access: Access) -> bool:
    return is_grown_up(actor) and access.own and access.is_open


@says(_l("A teacher or coordinator of a partner under an agreement in force, when it is open to partners"))
def is_partner(actor: Actor, access: Access) -> bool:
    return is_grown_up(actor) and access.partner and access.is_open and access.resource.visibility == PARTNERS


@says(_l("A teacher or coordinator of any organization, when it is open to the hub or to everybody"))
def is_in_the_hub(actor: Actor, access: Access) -> bool:
    return is_grown_up(actor) and access.is_open and access.resource.visibility in (HUB, PUBLIC)


@says(_l("Anyone who came in through an LMS course in which a teacher placed it, also after an agreement has ended"))
def is_placed_for(_actor: Actor, access: Access) -> bool:
    return bool(access.placed_in) and access.is_open


@says(_l("An operator of the hub, when it is open to the hub or to everybody"))
def operates(actor: Actor, access: Access) -> bool:
    return actor.is_operator and not access.is_draft and access.resource.visibility in (HUB, PUBLIC)


def _reaches(actor: Actor, access: Access) -> bool:
    return any(rule(actor, access) for rule in (wrote_it, is_colleague, is_partner, is_in_the_hub))


@says(_l("A teacher or coordinator to whom it is open, while it is published"))
def may_take(actor: Actor, access: Access) -> bool:
    return access.resource.state == PUBLISHED and _reaches(actor, access)


@says(_l("A teacher to whom it is open, in an LMS course of theirs"))
def may_place(actor: Actor, access: Access) -> bool:
    return actor.is_teacher() and may_take(actor, access)


@says(_l("A teacher or coordinator of any organization"))
def works_anywhere(actor: Actor, _thing: object) -> bool:
    return is_grown_up(actor)


@says(_l("A coordinator of the organization whose vocabulary it is"))
def coordinates_vocabulary(actor: Actor, vocabulary: Vocabulary) -> bool:
    return actor.coordinates and actor.organization_id == vocabulary.organization_id


@says(_l("An operator of the hub, when it is everybody's"))
def operates_vocabulary(actor: Actor, vocabulary: Vocabulary) -> bool:
    return actor.is_operator and vocabulary.organization_id is None


@says(_l("A coordinator, or an operator of the hub"))
def coordinates_or_operates(actor: Actor, _thing: object) -> bool:
    return actor.coordinates or actor.is_operator


SEEN_BY: tuple[Predicate, ...] = (
    wrote_it,
    coordinates_owner,
    is_colleague,
    is_partner,
    is_in_the_hub,
    is_placed_for,
    operates,
)
RULES: dict[str, tuple[Predicate, ...]] = {
    "exchange.search": (works_anywhere,),  # the actor's organization's id
    "resource.create": (works_at_organization,),  # an organization's id
    "resource.see": SEEN_BY,
    "resource.read_about": (wrote_it, coordinates_owner, is_colleague, is_partner, is_in_the_hub, operates),
    "resource.edit": (wrote_it, coordinates_owner),
    "resource.retire": (wrote_it, coordinates_owner, operates),
    "resource.adapt": (may_take,),
    "resource.export": (may_take,),
    "resource.place": (may_place,),
    "vocabulary.list": (coordinates_or_operates,),  # anything
    "vocabulary.edit": (coordinates_vocabulary, operates_vocabulary),  # a Vocabulary
}
ACTS = {
    "exchange.search": _l("Search the exchange of resources"),
    "resource.create": _l("Put a resource into the exchange"),
    "resource.see": _l("See a resource"),
    "resource.read_about": _l("Read about a resource: versions, reports, questions"),
    "resource.edit": _l("Change a resource"),
    "resource.retire": _l("Retire a resource"),
    "resource.adapt": _l("Adapt a resource"),
    "resource.export": _l("Take a resource along as a file"),
    "resource.place": _l("Place a resource in an LMS course"),
    "vocabulary.list": _l("See topics of one's own"),
    "vocabulary.edit": _l("Change topics of one's own"),
}
