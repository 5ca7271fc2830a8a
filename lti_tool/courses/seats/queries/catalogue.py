"""What is offered to a school: own courses, those of partners under an agreement in force, and of the whole hub."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import lazyload

from lti_tool.agreements.queries import partners_of, today
from lti_tool.contexts.models import TEACHER, Context
from lti_tool.core.db import db, get_or_none
from lti_tool.courses.access import launched_contexts
from lti_tool.courses.models import (
    ACTIVE,
    HUB,
    PARTNERS,
    PUBLISHED,
    Activity,
    CourseOffer,
    CourseUnit,
    Participation,
    SharedCourse,
)
from lti_tool.courses.queries.courses import matches
from lti_tool.courses.seats.access import Prospect
from lti_tool.courses.seats.allotment import Allotment
from lti_tool.courses.seats.models import OPEN, Offering, SeatRequest
from lti_tool.courses.seats.queries.room import is_open, rooms
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.platforms.models import Registration

MOST = 2000
"""Courses one school could look through; more than a hub has."""
NOT_BEGUN, RUNNING = "later", "running"


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty: anything."""

    search: str = ""
    subject: str = ""
    grade: int | None = None
    language: str = ""
    host: int | None = None
    starts: str = ""
    """NOT_BEGUN or RUNNING."""
    free: bool = False
    """Only with seats free for the school."""

    def fits(self, line: Line) -> bool:
        course, offering = line.course, line.offering
        subject = offering.subject if offering else ""
        return (
            matches(f"{course.title} {course.description} {course.organization.name}", self.search)
            and self.subject in ("", subject)
            and self.language in ("", course.language)
            and self.host in (None, course.organization_id)
            and self._grade_fits(offering)
            and self._starts(offering)
            and (not self.free or (line.open and line.free != 0))
        )

    def _grade_fits(self, offering: Offering | None) -> bool:
        if self.grade is None or offering is None:
            return True
        return (offering.grade_from or 0) <= self.grade <= (offering.grade_to or 99)

    def _starts(self, offering: Offering | None) -> bool:
        if not self.starts:
            return True
        begun = offering is not None and offering.starts_on is not None and offering.starts_on <= today()
        over = offering is not None and offering.ends_on is not None and offering.ends_on < today()
        return not begun if self.starts == NOT_BEGUN else begun and not over


@dataclass(frozen=True)
class Line:
    """A course in the catalogue of one school."""

    course: SharedCourse
    offering: Offering | None
    free: int | None
    """Seats free for the school; None: the course is not limited."""
    open: bool
    """Classes can still come in."""
    standing: str = ""
    """`active` when a class of the school takes part, `asked` when a request waits."""


def offered_to(organization_id: int) -> Select[tuple[SharedCourse, Offering]]:
    """Published courses the school may know of, with what they say of themselves, by title."""
    partner = and_(SharedCourse.visibility == PARTNERS, SharedCourse.organization_id.in_(partners_of(organization_id)))
    own = SharedCourse.organization_id == organization_id
    named = exists().where(CourseOffer.course_id == SharedCourse.id, CourseOffer.organization_id == organization_id)
    reached = or_(SharedCourse.visibility == HUB, partner)
    return (
        select(SharedCourse, Offering)
        .outerjoin(Offering, Offering.course_id == SharedCourse.id)
        .where(SharedCourse.state == PUBLISHED, or_(own, and_(reached, or_(Offering.listed.is_(True), named))))
        .order_by(SharedCourse.title, SharedCourse.id)
        .options(lazyload(Offering.course))  # its inner join would leave out courses that say nothing of themselves
    )


def known_among(organization_id: int, course_ids: Collection[int]) -> set[int]:
    """Those of the courses that the school may read about; one statement."""
    known = offered_to(organization_id).where(SharedCourse.id.in_(course_ids)).order_by(None)
    return set(db.session.scalars(known.with_only_columns(SharedCourse.id)))


def prospect(actor: Actor, course_id: int) -> Prospect | None:
    """How the course is offered to the actor's school; None when there is no such course."""
    course = get_or_none(SharedCourse, course_id)
    if course is None:
        return None
    organization_id = actor.organization_id
    offered = organization_id is not None and bool(
        db.session.execute(offered_to(organization_id).where(SharedCourse.id == course_id)).first()
    )
    return Prospect(course, organization_id, offered)


def catalogue(organization_id: int, wanted: Wanted) -> list[Line]:
    """The courses offered to the school that fit; nine statements, whatever the number."""
    rows = db.session.execute(offered_to(organization_id).limit(MOST)).unique().all()
    allotments = rooms([offering for _course, offering in rows if offering is not None])
    standing = _standing(organization_id)
    lines = [_line(course, offering, allotments, organization_id, standing) for course, offering in rows]
    return [line for line in lines if wanted.fits(line)]


def line_of(found: Prospect, offering: Offering | None) -> Line:
    """One course as the catalogue of this school has it."""
    organization_id = found.organization_id or 0
    allotments = rooms([offering] if offering else [])
    return _line(found.course, offering, allotments, organization_id, _standing(organization_id, found.course.id))


def _line(
    course: SharedCourse,
    offering: Offering | None,
    allotments: dict[int, Allotment],
    organization_id: int,
    standing: dict[int, str],
) -> Line:
    room = allotments.get(course.id)
    free = None if room is None else room.free(organization_id)
    return Line(course, offering, free, is_open(offering), standing.get(course.id, ""))


def _standing(organization_id: int, course_id: int | None = None) -> dict[int, str]:
    def of_school(model: Any, *where: Any) -> list[int]:
        statement = (
            select(model.course_id)
            .join(Context, Context.id == model.context_id)
            .join(Registration, Registration.id == Context.registration_id)
            .where(Registration.organization_id == organization_id, *where)
        )
        if course_id is not None:
            statement = statement.where(model.course_id == course_id)
        return list(db.session.scalars(statement.distinct()))

    asked = dict.fromkeys(of_school(SeatRequest, SeatRequest.state.in_(OPEN)), "asked")
    return asked | dict.fromkeys(of_school(Participation, Participation.state == ACTIVE), "active")


def contents(course: SharedCourse) -> Sequence[tuple[str, Sequence[str]]]:
    """(title of the unit, titles of what is open to pupils in it), in order; without a title what is before the first."""
    shown = and_(Activity.unit_id == CourseUnit.id, CourseUnit.published.is_(True), CourseUnit.deleted_at.is_(None))
    statement = (
        select(CourseUnit.title, Activity.title)
        .select_from(Activity)
        .outerjoin(CourseUnit, shown)
        .where(Activity.course_id == course.id, Activity.deleted_at.is_(None), Activity.published.is_(True))
        .where(or_(Activity.unit_id.is_(None), CourseUnit.id.is_not(None)))
        .order_by(func.coalesce(CourseUnit.position, -1), CourseUnit.id, Activity.position, Activity.id)
    )
    found: dict[str, list[str]] = {}
    for unit, title in db.session.execute(statement):
        found.setdefault(unit or "", []).append(title)
    return list(found.items())


def hosts_in(lines: Sequence[Line]) -> list[Organization]:
    """The hosts of these courses, by name."""
    found = {line.course.organization_id: line.course.organization for line in lines}
    return sorted(found.values(), key=lambda one: one.name.casefold())


def own_contexts(actor: Actor) -> Sequence[Context]:
    """LMS courses the actor entered as a teacher, the newest launch first."""
    mine = select(Context).where(
        Context.id.in_(launched_contexts(actor, TEACHER)), Context.registration_id == actor.registration_id
    )
    found = db.session.scalars(mine.order_by(Context.id)).unique().all()
    return sorted(found, key=lambda one: one.id != actor.context_id)
