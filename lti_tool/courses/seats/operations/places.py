"""What the home teacher does with the places of a class: withdraw a pupil, bring back, arrange who waits."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.courses.models import Participation
from lti_tool.courses.seats.models import DROPPED, SEATED, WAITING, Offering, Seat
from lti_tool.courses.seats.operations.requests import MAX_REASON, MAX_SEATS
from lti_tool.courses.seats.operations.settling import hold_host, settle
from lti_tool.courses.seats.queries.room import day_of, is_open
from lti_tool.people.actor import Actor


def withdraw_pupil(*, actor: Actor, participation: Participation, seat_id: int, reason: str) -> bool:
    """Take a pupil out of the course or of the line; work is kept and the place goes to the next.

    After the drop date with a reason, which the host reads. False when there is nobody to take out. Raises Invalid.
    """
    seat = _hold(participation, seat_id)
    if seat is None or seat.state not in (SEATED, WAITING):
        return False
    late = seat.state == SEATED and is_late(participation)
    if late and not reason.strip():
        raise Invalid({"reason": _("The drop date is over: write why. The host reads it.")})
    seat.state, seat.since, seat.late = DROPPED, utcnow(), late
    seat.reason = reason.strip()[:MAX_REASON]
    facts = {"identity": seat.identity_id, "late": late}
    host = participation.course.organization_id
    audit.record(actor, "withdraw_pupil", "participation", participation.id, concerns=host, **facts)
    db.session.flush()
    settle(participation.course_id)
    return True


def bring_back(*, actor: Actor, participation: Participation, seat_id: int) -> bool:
    """Put a withdrawn pupil at the end of the line again. Raises Conflict after the add deadline."""
    seat = _hold(participation, seat_id)
    if seat is None or seat.state != DROPPED:
        return False
    if not is_open(_offering(participation)):
        raise Conflict(_("The last day to come in is over."), _("Ask the host to move it."))
    seat.state, seat.since, seat.reason, seat.late = WAITING, utcnow(), "", False
    seat.line = (
        db.session.scalar(select(Seat.line).where(Seat.course_id == seat.course_id).order_by(Seat.line.desc()).limit(1))
        or 0
    ) + 1
    host = participation.course.organization_id
    audit.record(actor, "bring_back", "participation", participation.id, concerns=host, identity=seat.identity_id)
    db.session.flush()
    settle(participation.course_id)
    return True


def move_in_line(*, actor: Actor, participation: Participation, seat_id: int, step: int) -> bool:
    """One place up (`step` -1) or down (+1) among the waiting of the same class: no other class loses by it."""
    hold_host(participation.course)
    waiting = list(
        db.session.scalars(
            select(Seat)
            .where(Seat.participation_id == participation.id, Seat.state == WAITING)
            .order_by(Seat.line, Seat.id)
        )
    )
    index = next((place for place, seat in enumerate(waiting) if seat.id == seat_id), None)
    if index is None or not 0 <= index + step < len(waiting):
        return False
    one, other = waiting[index], waiting[index + step]
    one.line, other.line = other.line, one.line
    audit.record(actor, "move_in_line", "participation", participation.id, identity=one.identity_id, step=step)
    return True


def give_back(*, actor: Actor, participation: Participation, seats: int, by_host: bool) -> None:
    """Make the class's seats fewer: those kept free go to others, nobody in the course loses a place. Raises Invalid."""
    hold_host(participation.course)
    most = participation.seats if participation.seats is not None else MAX_SEATS
    if not 0 <= seats <= most:
        raise Invalid({"seats": _("Write a number from 0 to %(limit)d.", limit=most)})
    if participation.seats == seats:
        return
    participation.seats, participation.held = seats, min(participation.held, seats)
    audit.record(actor, "give_back", "participation", participation.id, seats=seats, by_host=by_host)
    db.session.flush()
    settle(participation.course_id)


def is_late(participation: Participation) -> bool:
    """Is the drop date over?"""
    offering = _offering(participation)
    until = offering.drop_until if offering else None
    return until is not None and day_of(participation.course) > until


def _hold(participation: Participation, seat_id: int) -> Seat | None:
    hold_host(participation.course)
    statement = select(Seat).where(Seat.id == seat_id, Seat.participation_id == participation.id)
    return db.session.scalar(statement.execution_options(populate_existing=True))


def _offering(participation: Participation) -> Offering | None:
    return db.session.scalar(select(Offering).where(Offering.course_id == participation.course_id))
