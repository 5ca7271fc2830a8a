"""Asking for seats, and the answers: of the home coordinator, of the host, or of a rule both have set beforehand."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import exists, select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.courses.models import ACTIVE, PUBLISHED, Participation, SharedCourse
from lti_tool.courses.operations.participation import take_part
from lti_tool.courses.partners import require_partner
from lti_tool.courses.seats.models import (
    ACCEPTED,
    ALWAYS,
    APPROVALS,
    APPROVED,
    BY_TEACHERS,
    DECLINED,
    OPEN,
    REQUESTED,
    WITH_SEATS,
    WITHDRAWN,
    Offering,
    SchoolRule,
    SeatRequest,
)
from lti_tool.courses.seats.operations.settling import hold_host, settle
from lti_tool.courses.seats.queries.room import is_open, rooms
from lti_tool.courses.telling.kinds import SEATS_ACCEPTED, SEATS_DECLINED
from lti_tool.people.actor import Actor
from lti_tool.people.models import CONFIRMED, Coordinator
from lti_tool.people.notices.operations import tell

MAX_SEATS = 1000
"""More would only be a mistyped number."""
MAX_REASON = 500
MAX_MESSAGE = 1000


def ask_for_seats(
    *,
    actor: Actor,
    course: SharedCourse,
    context_id: int,
    seats: int | None,
    message: str = "",
    full_names: bool = False,
    host_agreed: bool = False,
) -> SeatRequest:
    """Ask for seats for a class, or for more than it has; answers the open request if there is one.

    `host_agreed`: with a code or an offer of the host. Raises Conflict when the course takes nobody any more, Invalid,
    and AgreementNeeded.
    """
    require_partner(course, actor.organization_id)
    _check(course, seats)
    hold_host(course)  # of two at once the second finds the first one's request
    found = _open_request(course.id, context_id)
    if found is not None:
        return found
    assert actor.identity_id is not None
    request = SeatRequest(
        course_id=course.id,
        context_id=context_id,
        asked_by_id=actor.identity_id,
        seats=seats,
        message=message[:MAX_MESSAGE],
        full_names=full_names,
        host_agreed=host_agreed,
    )
    db.session.add(request)
    db.session.flush()
    facts = {"course": course.id, "seats": seats, "by_code": host_agreed}
    audit.record(actor, "ask_seats", "seat_request", request.id, concerns=course.organization_id, **facts)
    if not needs_approval(course, actor.organization_id):
        _approved(None, request, rule="school")
    return request


def _check(course: SharedCourse, seats: int | None) -> None:
    if course.state != PUBLISHED:
        raise Conflict(_("The course is closed at the moment."), _("Ask its host when it opens."))
    if not is_open(_offering(course.id)):
        raise Conflict(
            _("The last day to come in is over."), _("Ask the host whether the course may take you all the same.")
        )
    if seats is not None and not 1 <= seats <= MAX_SEATS:
        raise Invalid({"seats": _("Write a number from 1 to %(limit)d.", limit=MAX_SEATS)})


def approve(*, actor: Actor, request: SeatRequest) -> bool:
    """The home coordinator agrees; False when it no longer waits for that."""
    if _hold(request).state != REQUESTED:
        return False
    _approved(actor, request)
    if request.state == ACCEPTED:
        _tell(request, SEATS_ACCEPTED)
    return True


def _approved(actor: Actor | None, request: SeatRequest, **facts: str) -> None:
    request.state, request.approved_at = APPROVED, utcnow()
    audit.record(actor, "approve_seats", "seat_request", request.id, concerns=request.course.organization_id, **facts)
    if request.host_agreed:
        _accepted(None, request, request.seats, rule="code")
        return
    offering = _offering(request.course_id)
    if offering is None or not offering.accept_automatically or request.seats is None:
        return
    hold_host(request.course)
    if not offering.limited or _free(offering, request) >= request.seats:
        _accepted(None, request, request.seats, rule="free_seats")


def accept(*, actor: Actor, request: SeatRequest, seats: int | None = None) -> bool:
    """The host takes the class in, with all the seats asked for or with `seats`; False when it no longer waits.

    What is not free yet the class's pupils wait for. Raises Invalid.
    """
    if _hold(request).state != APPROVED:
        return False
    if seats is not None and not 1 <= seats <= MAX_SEATS:
        raise Invalid({"seats": _("Write a number from 1 to %(limit)d.", limit=MAX_SEATS)})
    _accepted(actor, request, request.seats if seats is None else seats)
    _tell(request, SEATS_ACCEPTED)
    return True


def _accepted(actor: Actor | None, request: SeatRequest, seats: int | None, **facts: str) -> None:
    course = request.course
    hold_host(course)
    offering = _offering(course.id)
    limited = offering is not None and offering.limited
    free = _free(offering, request) if limited and offering is not None else 0
    participation = take_part(
        actor=actor,
        context_id=request.context_id,
        course=course,
        joined_by_id=request.asked_by_id,
        full_names=request.full_names,
    )
    if limited and seats is not None:
        participation.seats = seats
        participation.held = min(seats, free)
    request.state, request.answered_at = ACCEPTED, utcnow()
    db.session.flush()
    told = {"seats": seats, "held": participation.held, **facts}
    audit.record(actor, "accept_seats", "seat_request", request.id, concerns=_home(request), **told)
    settle(course.id)


def decline(*, actor: Actor, request: SeatRequest, reason: str, by_host: bool) -> bool:
    """Say no, with a reason for the teacher who asked; False when it no longer waits for this side. Raises Invalid."""
    if _hold(request).state != (APPROVED if by_host else REQUESTED):
        return False
    if not reason.strip():
        raise Invalid({"reason": _("Write why: the teacher who asked reads it.")})
    request.state, request.answered_at = DECLINED, utcnow()
    request.reason, request.declined_by_host = reason.strip()[:MAX_REASON], by_host
    other = _home(request) if by_host else request.course.organization_id
    audit.record(actor, "decline_seats", "seat_request", request.id, concerns=other, by_host=by_host)
    _tell(request, SEATS_DECLINED)
    return True


def _tell(request: SeatRequest, kind: str) -> None:
    """Tell the teacher who asked."""
    course = request.course
    facts = {"course": course.id, "title_of_course": course.title}
    tell([request.asked_by_id], kind, f"seat_request-{request.id}", facts)


def withdraw(*, actor: Actor, request: SeatRequest) -> bool:
    """The teacher takes the request back; False when it is answered already."""
    if _hold(request).state not in OPEN:
        return False
    request.state, request.answered_at = WITHDRAWN, utcnow()
    audit.record(actor, "withdraw_seats", "seat_request", request.id, concerns=request.course.organization_id)
    return True


def set_school_rule(*, actor: Actor, organization_id: int, approval: str) -> None:
    """What the school's teachers may do without its coordinator. Raises Invalid."""
    if approval not in APPROVALS:
        raise Invalid({"approval": _("Choose one.")})
    found = db.session.scalar(select(SchoolRule).where(SchoolRule.organization_id == organization_id))
    if found is None:
        found = SchoolRule(organization_id=organization_id, approval=WITH_SEATS)
        db.session.add(found)
    elif found.approval == approval:
        return
    found.approval = approval
    audit.record(actor, "school_rule", "organization", organization_id, approval=approval)


def school_rule(organization_id: int) -> str:
    """One of APPROVALS."""
    statement = select(SchoolRule.approval).where(SchoolRule.organization_id == organization_id)
    return db.session.scalar(statement) or WITH_SEATS


def needs_approval(course: SharedCourse, organization_id: int | None) -> bool:
    """Does the school's coordinator have to agree before its class takes part?

    Never for the school's own courses, nor where nobody coordinates it: there is nobody to ask.
    """
    if organization_id is None or organization_id == course.organization_id:
        return False
    rule = school_rule(organization_id)
    offering = _offering(course.id)
    if rule == BY_TEACHERS or (rule != ALWAYS and (offering is None or not offering.limited)):
        return False
    in_office = (Coordinator.organization_id == organization_id, Coordinator.state == CONFIRMED)
    return bool(db.session.scalar(select(exists().where(*in_office))))


def _hold(request: SeatRequest) -> SeatRequest:
    """Nobody else answers it until the transaction ends."""
    statement = select(SeatRequest).where(SeatRequest.id == request.id)
    again = statement.with_for_update(of=SeatRequest).execution_options(populate_existing=True)
    return db.session.scalars(again).one()


def _open_request(course_id: int, context_id: int) -> SeatRequest | None:
    key = (SeatRequest.course_id == course_id, SeatRequest.context_id == context_id)
    return db.session.scalar(select(SeatRequest).where(*key, SeatRequest.state.in_(OPEN)))


def _offering(course_id: int) -> Offering | None:
    return db.session.scalar(select(Offering).where(Offering.course_id == course_id))


def _home(request: SeatRequest) -> int:
    return request.context.registration.organization_id


def _free(offering: Offering, request: SeatRequest) -> int:
    """Seats the class could have in all: those it uses, and those that are free."""
    own = select(Participation.id).where(
        Participation.course_id == request.course_id,
        Participation.context_id == request.context_id,
        Participation.state == ACTIVE,
    )
    room = rooms([offering])[offering.course_id]
    return room.used_by(db.session.scalar(own)) + room.free(_home(request))
