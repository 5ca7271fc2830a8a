"""Reads about whole courses: the lists of a context's home, the course's pages, who takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, and_, bindparam, exists, func, or_, select

from lti_tool.agreements.queries import partners_of
from lti_tool.contexts.models import Context
from lti_tool.core.db import db, run, utcnow
from lti_tool.courses.access import Access
from lti_tool.courses.arrangement import Arrangement
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.availability import HIDDEN, OPEN, Availability, availability, published
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import (
    ACTIVE,
    ARCHIVED,
    HUB,
    PARTNERS,
    PUBLISHED,
    Activity,
    CourseOffer,
    CourseTeacher,
    CourseUnit,
    Grade,
    Participation,
    SharedCourse,
    Submission,
)
from lti_tool.courses.own_dates import Own, OwnDates, own_dates
from lti_tool.courses.pupils import pupil_places
from lti_tool.courses.queries.outline import activities_of, arranged, units_of
from lti_tool.courses.seats.queries.places import without_seat
from lti_tool.courses.staff.models import CourseTutor
from lti_tool.courses.staff.queries import own_tutoring
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor

NOT_STARTED, DRAFT, HANDED_IN, GRADED, EXCUSED = "not_started", "draft", "handed_in", "graded", "excused"
ORGANIZATIONS_SHOWN = 50
"""Schools on one page of the list to offer a course to."""


@dataclass(frozen=True)
class Host:
    """The organization that hosts a course."""

    name: str


@dataclass(frozen=True)
class CourseLine:
    """What a list shows of a course; reads like a SharedCourse."""

    id: int
    title: str
    state: str
    organization: Host


@dataclass(frozen=True)
class CourseHere:
    """A course in a context, as one person meets it there."""

    course: CourseLine
    participation_id: int
    hosts: bool
    assignments: int = 0
    done: int = 0
    """Assignments a pupil has handed in or has a grade for."""
    next_due_at: datetime | None = None


@dataclass(frozen=True)
class ContextHome:
    """What the home page of a context shows of courses."""

    context_id: int
    teaches: bool
    courses: Sequence[CourseHere] = ()
    archived: Sequence[CourseHere] = ()
    """Over, and still to be read."""
    own: Sequence[SharedCourse] = ()
    """The teacher's own courses that are not in this context."""
    offered: Sequence[SharedCourse] = ()
    """Offered to the teacher's organization and not in this context."""
    tutoring: Sequence[CourseTutor] = ()
    """Courses the teacher tutors, or is invited to."""
    without_seat: Mapping[int, int | None] = field(default_factory=dict)
    """For a pupil: courses here in which the seat rules leave no place, with the number in the line."""


@dataclass(frozen=True)
class ActivityRow:
    """An activity in the list of a course; for a pupil with the state of the own work."""

    activity: Activity
    availability: Availability
    """For this pupil; for teachers whether and when it opens."""
    state: str = ""
    submission: Submission | None = None
    grade: Grade | None = None
    done: bool = False
    to_grade: int = 0
    """For the host: handed in and without a grade."""
    own: Own | None = None
    """For a pupil with more time, or where late work is not taken: what holds instead of the activity's dates."""
    excuse: str = ""
    """Why the pupil need not do it, when the state is EXCUSED."""

    @property
    def due_at(self) -> datetime | None:
        """For this pupil; for teachers what holds for everybody."""
        return self.own.due_at if self.own else self.activity.due_at

    @property
    def closes_at(self) -> datetime | None:
        """Likewise."""
        return self.own.closes_at if self.own else self.activity.available_until


@dataclass(frozen=True)
class UnitRow:
    """A unit with what is in it; None: what stands before the first unit."""

    unit: CourseUnit | None
    rows: Sequence[ActivityRow]


@dataclass(frozen=True)
class School:
    """A class that takes part, with how many pupils it brings."""

    participation: Participation
    pupils: int


@dataclass(frozen=True)
class OfferPage:
    """Organizations a course can be offered to; those chosen already come first."""

    organizations: Sequence[tuple[Organization, bool]] = field(default_factory=list)
    more: bool = False


def context_home(actor: Actor, context_id: int, *, tutoring: bool = True) -> ContextHome:
    """The courses of this context and, for its teacher, those that can be brought in."""
    found = _courses_here(actor, context_id)
    here = [each for each in found if each.course.state != ARCHIVED]
    archived = [each for each in found if each.course.state == ARCHIVED]
    if not actor.is_teacher(context_id):
        outside = without_seat([one.course.id for one in here], actor.identity_id)
        return ContextHome(context_id, teaches=False, courses=here, archived=archived, without_seat=outside)
    taken = {each.course.id for each in found}
    own = [course for course in own_courses(actor) if course.id not in taken]
    known = taken | {course.id for course in own}
    offered = [course for course in offered_courses(actor) if course.id not in known]
    return ContextHome(context_id, True, here, archived, own, offered, own_tutoring(actor) if tutoring else ())


def own_courses(actor: Actor) -> list[SharedCourse]:
    """Courses the actor edits and grades."""
    statement = (
        select(SharedCourse)
        .join(CourseTeacher, CourseTeacher.course_id == SharedCourse.id)
        .where(CourseTeacher.identity_id == actor.identity_id, SharedCourse.state != ARCHIVED)
        .order_by(SharedCourse.title, SharedCourse.id)
    )
    return list(db.session.scalars(statement))


def offered_courses(actor: Actor) -> list[SharedCourse]:
    """Published courses offered to the actor's organization, and open to it today."""
    statement = (
        select(SharedCourse)
        .join(CourseOffer, CourseOffer.course_id == SharedCourse.id)
        .where(CourseOffer.organization_id == actor.organization_id, SharedCourse.state == PUBLISHED)
        .where(
            or_(
                SharedCourse.visibility == HUB,
                SharedCourse.organization_id == actor.organization_id,
                and_(
                    SharedCourse.visibility == PARTNERS,
                    SharedCourse.organization_id.in_(partners_of(actor.organization_id or 0)),
                ),
            )
        )
        .order_by(SharedCourse.title, SharedCourse.id)
    )
    return list(db.session.scalars(statement))


_HERE = (
    select(SharedCourse.id, SharedCourse.title, SharedCourse.state, Organization.name, Participation.id)
    .add_columns(
        exists().where(
            CourseTeacher.course_id == SharedCourse.id, CourseTeacher.identity_id == bindparam("identity_id")
        ),
    )
    .join(Participation, Participation.course_id == SharedCourse.id)
    .join(Context, Context.id == Participation.context_id)
    .join(Organization, Organization.id == SharedCourse.organization_id)
    .where(
        Participation.context_id == bindparam("context_id"),
        Participation.state == ACTIVE,
        Context.registration_id == bindparam("registration_id"),
        or_(
            SharedCourse.state == PUBLISHED,
            SharedCourse.archived_from == PUBLISHED,
            bindparam("teaches", type_=Boolean),
        ),
    )
    .order_by(SharedCourse.title, SharedCourse.id)
)
"""Made once: this is on the page every launch leads to."""


def _courses_here(actor: Actor, context_id: int) -> list[CourseHere]:
    values = {
        "context_id": context_id,
        "registration_id": actor.registration_id,
        "identity_id": actor.identity_id,
        "teaches": actor.is_teacher(context_id),
    }
    rows = run(_HERE, values).all()
    progress = _progress(actor, [row[4] for row in rows])
    return [
        CourseHere(
            CourseLine(course_id, title, state, Host(organization)),
            participation_id,
            bool(own),
            *progress.get(course_id, (0, 0, None)),
        )
        for course_id, title, state, organization, participation_id, own in rows
    ]


def _progress(actor: Actor, participation_ids: list[int]) -> dict[int, tuple[int, int, datetime | None]]:
    """For the course of each: assignments, those the actor has done, and the next due date of the others."""
    if not participation_ids:
        return {}
    dates = OwnDates(actor.identity_id, Participation.id)
    done = or_(dates.work.handed_in_at.is_not(None), Grade.id.is_not(None))
    graded = and_(Grade.activity_id == Activity.id, Grade.identity_id == actor.identity_id)
    statement = (
        select(
            Activity.course_id,
            func.count(Activity.id),
            func.count(Activity.id).filter(done),
            func.min(dates.due_at).filter(~done, dates.due_at > utcnow()),
        )
        .join(Participation, Participation.course_id == Activity.course_id)
        .outerjoin(Grade, graded)
        .where(Participation.id.in_(participation_ids), Activity.points.is_not(None), published())
        .where(Activity.id.not_in(select(Excuse.activity_id).where(Excuse.identity_id == actor.identity_id)) | done)
        .group_by(Activity.course_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(dates.on(statement))}


def contents(actor: Actor, access: Access, *, everything_open: bool = False) -> list[UnitRow]:
    """The units in order with their activities: all for the host, the published ones else; for a pupil with the own work.

    `everything_open`: as if every date had come and everything before had been done.
    """
    units, activities = units_of(access.course.id), activities_of(access.course.id)
    waiting = _to_grade(access.course.id) if access.hosts else {}
    rows: dict[CourseUnit | None, list[ActivityRow]] = {unit: [] for unit in [None, *units]}
    for row in _rows(actor, access, activities, everything_open):
        shown = replace(row, to_grade=waiting.get(row.activity.id, 0))
        if access.hosts or row.availability.state != HIDDEN:
            rows[row.activity.unit].append(shown)
    return [UnitRow(unit, inside) for unit, inside in rows.items() if access.hosts or unit is None or unit.published]


def order_shown(units: Sequence[UnitRow]) -> Arrangement:
    """The order of what a teacher of the host is shown: of everything."""
    shown = [row.activity for part in units for row in part.rows]
    return arranged([part.unit.id for part in units if part.unit is not None], shown)


def _rows(actor: Actor, access: Access, activities: list[Activity], everything_open: bool) -> list[ActivityRow]:
    ids = [activity.id for activity in activities]
    learns = access.learns and not access.hosts

    def own(model: Any) -> dict[int, Any]:
        statement = select(model).where(model.identity_id == actor.identity_id, model.activity_id.in_(ids))
        return {row.activity_id: row for row in db.session.scalars(statement)} if learns else {}

    submissions, grades, excuses = own(Submission), own(Grade), own(Excuse)
    dates = own_dates(actor.identity_id or 0, access.learning[0].id, ids) if learns else {}
    done = {ident for ident, submission in submissions.items() if submission.done_at} | set(grades)
    now = utcnow()

    def row(activity: Activity) -> ActivityRow:
        more = dates.get(activity.id)
        found = availability(activity, done | set(excuses), now, more.closes_at if more else None)
        if everything_open and found.state != HIDDEN:
            found = Availability(OPEN)
        if not learns:
            return ActivityRow(activity, found)
        submission, grade = submissions.get(activity.id), grades.get(activity.id)
        excuse = excuses.get(activity.id) if grade is None else None
        state = EXCUSED if excuse else state_of(submission, grade)
        reason = excuse.reason if excuse else ""
        return ActivityRow(activity, found, state, submission, grade, activity.id in done, own=more, excuse=reason)

    return [row(activity) for activity in activities]


def state_of(submission: Any, grade: Any) -> str:
    """What became of a pupil's work, told by the rows or by their columns: one of NOT_STARTED, DRAFT, HANDED_IN, GRADED."""
    if grade is not None and not (submission is not None and submission.waits_again):
        return GRADED
    if submission is None:
        return NOT_STARTED
    return HANDED_IN if submission.handed_in_at else DRAFT


def _to_grade(course_id: int) -> dict[int, int]:
    graded = exists().where(Grade.activity_id == Submission.activity_id, Grade.identity_id == Submission.identity_id)
    marked = exists().where(Mark.activity_id == Submission.activity_id, Mark.identity_id == Submission.identity_id)
    looked_at = and_(or_(graded, marked), Submission.waits_again.is_(False))
    statement = (
        select(Submission.activity_id, func.count())
        .join(Activity, Activity.id == Submission.activity_id)
        .where(Activity.course_id == course_id, Submission.handed_in_at.is_not(None))
        .where(Submission.settled.is_(False), ~looked_at)
        .group_by(Submission.activity_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def schools_of(course: SharedCourse) -> list[School]:
    """Every class that takes or took part, with its number of pupils."""
    places = pupil_places(course.id)
    counts = select(places.c.participation_id, func.count().label("pupils")).group_by(places.c.participation_id)
    counted = counts.subquery()
    statement = (
        select(Participation, func.coalesce(counted.c.pupils, 0))
        .outerjoin(counted, counted.c.participation_id == Participation.id)
        .where(Participation.course_id == course.id)
        .order_by(Participation.created_at, Participation.id)
    )
    return [School(participation, pupils) for participation, pupils in db.session.execute(statement)]


def offer_page(course: SharedCourse, search: str) -> OfferPage:
    """Organizations whose name or city holds the words of `search`, with whether the course is offered to each."""
    offered = exists().where(CourseOffer.course_id == course.id, CourseOffer.organization_id == Organization.id)
    statement = select(Organization, offered).where(or_(Organization.archived_at.is_(None), offered))
    organizations = [
        (organization, bool(chosen))
        for organization, chosen in db.session.execute(statement.order_by(Organization.name, Organization.id))
        if matches(f"{organization.name} {organization.city}", search)
    ]
    organizations.sort(key=lambda pair: not pair[1])
    return OfferPage(organizations[:ORGANIZATIONS_SHOWN], more=len(organizations) > ORGANIZATIONS_SHOWN)


def matches(text: str, search: str) -> bool:
    """Does the text hold every word of the search, in any case (SQLite's LIKE knows no Cyrillic case)?"""
    folded = text.casefold().replace("ё", "е")
    return all(word in folded for word in search.casefold().replace("ё", "е").split())


def all_courses() -> list[tuple[SharedCourse, int, int]]:
    """Every course with its numbers of classes and activities, for the command line."""
    classes = (
        select(func.count(Participation.id))
        .where(Participation.course_id == SharedCourse.id, Participation.state == ACTIVE)
        .scalar_subquery()
    )
    activities = (
        select(func.count(Activity.id))
        .where(Activity.course_id == SharedCourse.id, Activity.deleted_at.is_(None))
        .scalar_subquery()
    )
    statement = select(SharedCourse, classes, activities).order_by(SharedCourse.id)
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]
