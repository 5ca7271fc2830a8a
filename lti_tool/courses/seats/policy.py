"""Who may look through the catalogue, ask for seats, and answer. Things are as the verb's comment says."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.courses.seats.access import Prospect, RequestAccess
from lti_tool.people.actor import Actor


@says(_l("A teacher or a coordinator of the organization"))
def works_for(actor: Actor, organization_id: int) -> bool:
    return actor.organization_id == organization_id and (actor.is_teacher() or actor.coordinates)


@says(_l("A teacher or a coordinator of an organization to which the course is offered"))
def is_offered_to(actor: Actor, prospect: Prospect) -> bool:
    return prospect.offered and (actor.is_teacher() or actor.coordinates)


@says(_l("A teacher of an organization to which the course is offered"))
def teaches_where_offered(actor: Actor, prospect: Prospect) -> bool:
    return prospect.offered and actor.identity_id is not None and actor.is_teacher()


@says(_l("A teacher of the class it is for"))
def asks(_actor: Actor, access: RequestAccess) -> bool:
    return access.asks


@says(_l("A coordinator of the class's own organization"))
def coordinates_home(_actor: Actor, access: RequestAccess) -> bool:
    return access.coordinates_home


@says(_l("A teacher of the course at the host, or a coordinator of the host"))
def answers_for_host(_actor: Actor, access: RequestAccess) -> bool:
    return access.hosts or access.coordinates_host


RULES: dict[str, tuple[Predicate, ...]] = {
    "catalogue.see": (works_for,),  # an organization's id
    "course.know": (is_offered_to,),  # a Prospect
    "course.ask_seats": (teaches_where_offered,),  # a Prospect
    "request.withdraw": (asks,),  # a RequestAccess
    "request.approve": (coordinates_home,),  # a RequestAccess
    "request.accept": (answers_for_host,),  # a RequestAccess
}
ACTS = {
    "catalogue.see": _l("Look through the catalogue of courses"),
    "course.know": _l("Read about a course before taking part"),
    "course.ask_seats": _l("Ask for seats"),
    "request.withdraw": _l("Take a request for seats back"),
    "request.approve": _l("Approve a request for seats for the school"),
    "request.accept": _l("Accept a request for seats for the host"),
}
