"""How a class comes in by a join code or an offer of the host: at once, or as soon as its own school agrees."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.courses.models import ACTIVE, CLOSED, PUBLISHED, Participation, SharedCourse
from lti_tool.courses.operations.participation import hosts, may_bring, take_part
from lti_tool.courses.partners import require_partner
from lti_tool.courses.seats.models import Offering, SeatRequest
from lti_tool.courses.seats.operations.requests import ask_for_seats, needs_approval
from lti_tool.courses.seats.operations.settling import settle
from lti_tool.courses.seats.queries.room import is_open
from lti_tool.people.actor import Actor

Entered = Participation | SeatRequest
"""The class takes part, or waits for its own school's approval."""
LOOKALIKES = str.maketrans("АВЕКМНРСТХУ", "ABEKMHPCTXY")
"""A code typed on a Russian keyboard."""


def read_code(typed: str) -> str:
    """The code as it is stored: capitals, no spaces or dashes, Cyrillic lookalikes made Latin."""
    return "".join(sign for sign in typed.upper().translate(LOOKALIKES) if sign.isalnum())


def join_by_code(*, actor: Actor, context_id: int, code: str, full_names: bool = False) -> Entered:
    """Bring the course with this code into the context. Raises Invalid when no open course has it."""
    course = db.session.scalar(select(SharedCourse).where(SharedCourse.join_code == read_code(code)))
    if course is None or (course.state != PUBLISHED and not hosts(actor, course)):
        raise Invalid({"code": _("No open course has this code. Ask the host for the newest one.")})
    require_partner(course, actor.organization_id)
    return _enter(actor, context_id, course, full_names=full_names)


def join_offered(*, actor: Actor, context_id: int, course_id: int, full_names: bool = False) -> Entered:
    """Bring in a course that is the actor's own or offered to her organization. Raises NotFound for any other."""
    course = db.session.get(SharedCourse, course_id)
    if course is None or not may_bring(actor, course):
        raise NotFound
    require_partner(course, actor.organization_id)
    return _enter(actor, context_id, course, full_names=full_names)


def join_again(*, actor: Actor, participation: Participation) -> Entered:
    """Take part again after leaving. Raises Conflict when the course is no longer offered to the school."""
    if participation.state == CLOSED and not may_bring(actor, participation.course):
        raise Conflict(
            _("The course is not offered to your school at the moment."),
            _("Ask the host for a join code and join with it."),
        )
    if participation.state == CLOSED:
        require_partner(participation.course, actor.organization_id)
    return _enter(actor, participation.context_id, participation.course, full_names=participation.full_names)


def _enter(actor: Actor, context_id: int, course: SharedCourse, *, full_names: bool) -> Entered:
    """The code or the offer is the host's acceptance; the school's own rule says whether it has to agree as well."""
    here = (Participation.course_id == course.id, Participation.context_id == context_id)
    found = db.session.scalar(select(Participation).where(*here, Participation.state == ACTIVE))
    if found is not None:
        return found
    offering = db.session.scalar(select(Offering).where(Offering.course_id == course.id))
    if not hosts(actor, course) and not is_open(offering):
        raise Conflict(
            _("The last day to come in is over."), _("Ask the host whether the course may take you all the same.")
        )
    if needs_approval(course, actor.organization_id):
        return ask_for_seats(
            actor=actor, course=course, context_id=context_id, seats=None, full_names=full_names, host_agreed=True
        )
    assert actor.identity_id is not None
    participation = take_part(
        actor=actor, context_id=context_id, course=course, joined_by_id=actor.identity_id, full_names=full_names
    )
    settle(course.id)
    return participation
