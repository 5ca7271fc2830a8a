"""Who has a place and who waits: for the pupil, for the class's teacher, for the host and in numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, func, or_, select

from lti_tool.agreements.queries import partners_of
from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.courses.models import ACTIVE, PARTNERS, CourseOffer, Participation, SharedCourse
from lti_tool.courses.seats.models import DROPPED, SEATED, WAITING, Offering, Quota, Seat
from lti_tool.courses.seats.queries.room import Pledge, is_open, pledges_of, rooms
from lti_tool.organizations.models import Organization
from lti_tool.platforms.models import Registration


@dataclass(frozen=True)
class Standing:
    """Where one pupil stands in the line of a course."""

    number: int
    """Counts from 1 over the whole line."""
    add_until: date | None
    open: bool


def standing_in_line(course_id: int, identity_id: int) -> Standing | None:
    """None for who does not wait."""
    offering = db.session.scalar(select(Offering).where(Offering.course_id == course_id))
    if offering is None:
        return None
    own = select(Seat.line).where(Seat.course_id == course_id, Seat.identity_id == identity_id, Seat.state == WAITING)
    line = db.session.scalar(own)
    if line is None:
        return None
    ahead = select(func.count()).where(Seat.course_id == course_id, Seat.state == WAITING, Seat.line < line)
    return Standing((db.session.scalar(ahead) or 0) + 1, offering.add_until, is_open(offering))


def _numbered(course_id: int) -> Select[tuple[int, int]]:
    """(seat, number in the line) of everybody who waits for the course."""
    number = func.row_number().over(order_by=(Seat.line, Seat.id))
    return select(Seat.id, number.label("number")).where(Seat.course_id == course_id, Seat.state == WAITING)


def class_places(participation: Participation) -> list[tuple[Seat, int | None]]:
    """The pupils of one class: those with a place, those who wait with their number, those withdrawn."""
    line = _numbered(participation.course_id).subquery()
    statement = (
        select(Seat, line.c.number)
        .outerjoin(line, line.c.id == Seat.id)
        .where(Seat.participation_id == participation.id)
        .order_by(Seat.line, Seat.id)
    )
    return [(seat, number) for seat, number in db.session.execute(statement)]


def line_of_course(course_id: int) -> Select[tuple[Seat]]:
    """Everybody who waits, in order."""
    return select(Seat).where(Seat.course_id == course_id, Seat.state == WAITING).order_by(Seat.line, Seat.id)


def withdrawn_from(course_id: int) -> Select[tuple[Seat]]:
    """Pupils their teachers withdrew, the newest first."""
    dropped = select(Seat).where(Seat.course_id == course_id, Seat.state == DROPPED)
    return dropped.order_by(Seat.since.desc(), Seat.id)


@dataclass(frozen=True)
class SchoolSeats:
    """One school in one course, in numbers."""

    organization: Organization
    quota: int = 0
    held: int = 0
    """Used or kept free for accepted classes."""
    seated: int = 0
    waiting: int = 0
    free: int = 0
    pledge: Pledge | None = None
    """What the agreements say, where the course is for partners."""


def schools_seats(offering: Offering) -> list[SchoolSeats]:
    """Every school with a quota or a class in the course, by name; ten statements, whatever the number."""
    course = offering.course
    counts = _counts(course.id)
    quotas = dict(
        db.session.execute(select(Quota.organization_id, Quota.seats).where(Quota.course_id == course.id))
        .tuples()
        .all()
    )
    room = rooms([offering]).get(course.id)
    used = room.used() if room else {}
    pledges = pledges_of(course.organization_id) if course.visibility == PARTNERS else {}
    ids = {*counts, *quotas, *used, *pledges}
    names = db.session.scalars(select(Organization).where(Organization.id.in_(ids)).order_by(Organization.name))
    return [
        SchoolSeats(
            one,
            quotas.get(one.id, 0),
            used.get(one.id, 0),
            *counts.get(one.id, (0, 0)),
            room.free(one.id) if room else 0,
            pledges.get(one.id),
        )
        for one in names
    ]


def _counts(course_id: int) -> dict[int, tuple[int, int]]:
    """By organization (pupils with a place, pupils who wait)."""
    statement = (
        select(
            Registration.organization_id,
            func.count(case((Seat.state == SEATED, 1))),
            func.count(case((Seat.state == WAITING, 1))),
        )
        .join(Participation, Participation.id == Seat.participation_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Seat.course_id == course_id)
        .group_by(Registration.organization_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(statement)}


@dataclass(frozen=True)
class CourseSeats:
    """One course with seat rules as a school's coordinator counts it."""

    course: SharedCourse
    ours: int
    """Our pupils with a place."""
    ours_waiting: int
    all: int
    all_waiting: int


def seats_by_course(organization_id: int) -> Select[tuple[SharedCourse]]:
    """Courses with seat rules that the school hosts or takes part in, by title."""
    taking = (
        select(Participation.course_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Registration.organization_id == organization_id, Participation.state == ACTIVE)
    )
    return (
        select(SharedCourse)
        .join(Offering, Offering.course_id == SharedCourse.id)
        .where(Offering.limited.is_(True))
        .where((SharedCourse.organization_id == organization_id) | SharedCourse.id.in_(taking))
        .order_by(SharedCourse.title, SharedCourse.id)
    )


def count_seats(courses: Sequence[SharedCourse], organization_id: int) -> list[CourseSeats]:
    """Numbers of these courses; one statement."""
    ours = Registration.organization_id == organization_id
    seated, waiting = Seat.state == SEATED, Seat.state == WAITING
    parts = [case((seated & ours, 1)), case((waiting & ours, 1)), case((seated, 1)), case((waiting, 1))]
    statement = (
        select(Seat.course_id, *(func.count(part) for part in parts))
        .join(Participation, Participation.id == Seat.participation_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Seat.course_id.in_([one.id for one in courses]))
        .group_by(Seat.course_id)
    )
    found = {row[0]: tuple(row[1:]) for row in db.session.execute(statement)}
    return [CourseSeats(one, *found.get(one.id, (0, 0, 0, 0))) for one in courses]


def without_seat(course_ids: Collection[int], identity_id: int | None) -> dict[int, int | None]:
    """Of these courses those with seat rules in which the person has no place: the number in the line, or None."""
    if not course_ids or identity_id is None:
        return {}
    place = select(Seat.state, Seat.line, Seat.course_id).where(Seat.identity_id == identity_id).subquery()
    ahead = (
        select(func.count())
        .where(Seat.course_id == place.c.course_id, Seat.state == WAITING, Seat.line <= place.c.line)
        .correlate(place)
        .scalar_subquery()
    )
    statement = (
        select(Offering.course_id, place.c.state, ahead)
        .outerjoin(place, place.c.course_id == Offering.course_id)
        .where(Offering.course_id.in_(course_ids), Offering.limited.is_(True))
    )
    rows = db.session.execute(statement)
    return {course: number if state == WAITING else None for course, state, number in rows if state != SEATED}


def seat_schools(course: SharedCourse) -> list[tuple[Organization, int]]:
    """Schools that could have seats of their own, each with its number now: the host, those the course is offered to,
    partners under an agreement, those that take part."""
    offered = select(CourseOffer.organization_id).where(CourseOffer.course_id == course.id)
    taking = (
        select(Registration.organization_id)
        .join(Context, Context.registration_id == Registration.id)
        .join(Participation, Participation.context_id == Context.id)
        .where(Participation.course_id == course.id)
    )
    quota = and_(Quota.organization_id == Organization.id, Quota.course_id == course.id)
    ways = [Organization.id == course.organization_id, Quota.id.is_not(None)]
    ways += [Organization.id.in_(each) for each in (offered, taking)]
    if course.visibility == PARTNERS:
        ways.append(Organization.id.in_(partners_of(course.organization_id)))
    statement = select(Organization, func.coalesce(Quota.seats, 0)).outerjoin(Quota, quota).where(or_(*ways))
    return [(one, seats) for one, seats in db.session.execute(statement.order_by(Organization.name))]
