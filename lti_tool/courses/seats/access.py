"""What an actor is to an offered course and to a request for seats; judged by policy.py."""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.core.db import get_or_none
from lti_tool.courses.access import course_teacher
from lti_tool.courses.models import SharedCourse
from lti_tool.courses.seats.models import SeatRequest
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class Prospect:
    """A course as somebody may meet it who does not take part."""

    course: SharedCourse
    organization_id: int | None
    """Whose catalogue it is looked up in: the actor's."""
    offered: bool
    """It is in the catalogue of that organization today."""


@dataclass(frozen=True)
class RequestAccess:
    """A request for seats, as one actor stands to it."""

    request: SeatRequest
    asks: bool
    """Teaches the class it is for."""
    coordinates_home: bool
    hosts: bool
    """Teaches the course at the host."""
    coordinates_host: bool


def request_access(actor: Actor, request_id: int) -> RequestAccess | None:
    """How `actor` stands to the request; None when there is no such request."""
    found = get_or_none(SeatRequest, request_id)
    if found is None:
        return None
    registration = found.context.registration
    own = actor.registration_id == registration.id
    return RequestAccess(
        found,
        asks=own and actor.is_teacher(found.context_id),
        coordinates_home=actor.coordinates and actor.organization_id == registration.organization_id,
        hosts=course_teacher(actor, found.course_id),
        coordinates_host=actor.coordinates and actor.organization_id == found.course.organization_id,
    )
