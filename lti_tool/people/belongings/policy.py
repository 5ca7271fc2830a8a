"""Who may see, copy and erase what is kept about a person."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.people.actor import Actor
from lti_tool.people.belongings.models import Copy
from lti_tool.people.belongings.registry import Subject
from lti_tool.people.policy import coordinates_it, is_operator


@says(_l("Everybody, about themselves"))
def is_oneself(actor: Actor, subject: Subject) -> bool:
    return actor.person_id == subject.person_id


@says(_l("A coordinator, about people of the own organization and what it holds of them"))
def coordinates_their_organization(actor: Actor, subject: Subject) -> bool:
    return (
        actor.coordinates and subject.organization_id is not None and actor.organization_id == subject.organization_id
    )


@says(_l("Whoever asked for it"))
def asked_for_it(actor: Actor, copy: Copy) -> bool:
    """A coordinator only while in that office: the copy is the organization's."""
    if actor.person_id != copy.asked_by_id:
        return False
    is_own = copy.person_id == actor.person_id and copy.organization_id is None
    return is_own or (actor.coordinates and actor.organization_id == copy.organization_id)


RULES: dict[str, tuple[Predicate, ...]] = {
    "person.see_own_data": (is_oneself,),  # a Subject
    "person.see_data": (coordinates_their_organization,),  # a Subject
    "person.erase": (coordinates_their_organization,),  # a Subject
    "person.fetch_copy": (asked_for_it,),  # a Copy
    "person.admit": (coordinates_it,),  # an Organization
    "retention.see": (is_operator, coordinates_it),  # an Organization, or the hub
    "retention.choose": (is_operator,),  # the hub
}
ACTS = {
    "person.see_own_data": _l("See and take along what is kept about oneself"),
    "person.see_data": _l("See and copy what is kept about a person"),
    "person.erase": _l("Erase a person's data"),
    "person.fetch_copy": _l("Fetch a copy of personal data"),
    "person.admit": _l("Let in somebody who was kept out"),
    "retention.see": _l("See how long data is kept and what would go"),
    "retention.choose": _l("Decide how long data is kept"),
}
