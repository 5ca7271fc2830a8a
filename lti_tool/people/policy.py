"""Who may do what as an operator of the hub, and with coordinators."""

from __future__ import annotations

from typing import Protocol

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.people.actor import Actor
from lti_tool.platforms.policy import administers_it, coordinates_owner


class Whole(Protocol):
    """An Organization."""

    @property
    def id(self) -> int: ...


@says(_l("An operator of the hub"))
def is_operator(actor: Actor, _thing: object) -> bool:
    return actor.is_operator


@says(_l("A coordinator of the organization"))
def coordinates_it(actor: Actor, organization: Whole) -> bool:
    return actor.coordinates and actor.organization_id == organization.id


@says(_l("Support, while an access the organization can see goes on: reading only"))
def supports_it(actor: Actor, organization: Whole) -> bool:
    return actor.supports is not None and actor.supports == organization.id


@says(_l("A site administrator of the organization's LMS, who came in from it"))
def administers_an_lms_of_it(actor: Actor, organization: Whole) -> bool:
    return actor.administers is not None and actor.organization_id == organization.id


@says(_l("A teacher or site administrator who came in from the organization's LMS"))
def works_there(actor: Actor, organization: Whole) -> bool:
    at_work = actor.is_teacher() or actor.administers is not None
    return actor.identity_id is not None and actor.organization_id == organization.id and at_work


RULES = {
    "hub.see": (is_operator,),
    "rules.see": (is_operator,),
    "journal.read": (is_operator, coordinates_it),  # an Organization, or the hub
    "organization.correct": (is_operator, coordinates_it),  # an Organization; its city, contacts, language, time zone
    "coordinator.list": (is_operator, coordinates_it),  # an Organization
    "coordinator.appoint": (is_operator, coordinates_it),  # an Organization
    "coordinator.ask": (administers_an_lms_of_it,),  # an Organization
    "coordinator.accept": (works_there,),  # an Organization; the link's code decides
    "registration.choose_names": (administers_it, coordinates_owner),  # a Registration; nobody outside the school
    "coordinator.see": (is_operator, coordinates_owner),  # a Coordinator
    "coordinator.decide": (is_operator, coordinates_owner),  # a Coordinator
}
ACTS = {
    "hub.see": _l("See the overview of the hub"),
    "rules.see": _l("Read this page"),
    "journal.read": _l("Read who did what"),
    "organization.correct": _l("Correct city, contacts, language and time zone of an organization"),
    "coordinator.list": _l("See who coordinates an organization"),
    "coordinator.appoint": _l("Make a link for a new coordinator"),
    "coordinator.ask": _l("Ask to become a coordinator"),
    "coordinator.accept": _l("Become a coordinator by a link"),
    "registration.choose_names": _l("Choose how much of people's names is kept"),
    "coordinator.see": _l("See a coordinator's request"),
    "coordinator.decide": _l("Confirm, refuse or end a coordinator's office"),
}
