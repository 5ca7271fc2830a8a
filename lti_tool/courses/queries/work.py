"""Reads about what pupils handed in: the host's list for one assignment, one pupil's work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.courses.assignments.models import AssignmentWork, Mark
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import Activity, Grade, Participation, Submission
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.courses.queries.courses import state_of
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration

WORK_PER_PAGE = 50
TO_GRADE, GRADED, MISSING, ALL = "to_grade", "graded", "missing", "all"
FILTERS = (TO_GRADE, GRADED, MISSING, ALL)


@dataclass(frozen=True)
class Work:
    """What one pupil did for one assignment."""

    pupil: Pupil
    submission: Submission | None
    grade: Grade | None
    mark: Mark | None = None
    """What it was given; while nobody has been told of it only for who grades."""

    @property
    def state(self) -> str:
        return state_of(self.submission, self.grade)

    @property
    def host_state(self) -> str:
        """The same for who grades: a mark that is held back counts."""
        return state_of(self.submission, self.grade or self.mark)


@dataclass(frozen=True)
class WorkPage:
    """A page of the works for one assignment."""

    rows: Sequence[Work]
    counts: dict[str, int]
    """How many there are under each filter, for the school chosen."""
    schools: Sequence[Organization]
    page: int
    pages: int


def works(
    activity: Activity,
    *,
    school: int | None,
    state: str,
    page: int,
    participations: Collection[Participation] | None = None,
    without_names: bool = False,
    grades: bool,
) -> WorkPage:
    """Pupils of all schools, or of one, in one state; the longest waiting first where work is to be graded.

    With `participations` only pupils of these classes. `without_names`: only works that were handed in, by their numbers,
    so that neither the place in the list nor who is missing tells a name. Not `grades`: marks kept back do not exist.
    """
    statement = _of_activity(activity, participations, kept_back=grades)
    schools = schools_in(activity.course_id)
    if school is not None:
        statement = statement.where(Organization.id == school)
    counts = _counts(statement)
    pages = max(1, -(-counts[state] // WORK_PER_PAGE))
    page = min(max(page, 1), pages)
    if without_names:
        statement = _by_number(statement)
    elif state == TO_GRADE:
        statement = statement.order_by(None).order_by(Submission.handed_in_at.nulls_last(), Submission.id, Identity.id)
    limited = _in_state(statement, state).limit(WORK_PER_PAGE).offset((page - 1) * WORK_PER_PAGE)
    rows = [_work(row) for row in db.session.execute(limited)]
    return WorkPage(rows, counts, schools, page, pages)


def work_counts(activity: Activity) -> dict[str, int]:
    """How many works there are under each filter, in all schools."""
    return _counts(_of_activity(activity))


def work_of(activity: Activity, identity_id: int, *, grades: bool) -> Work | None:
    """One pupil's work; None when the person is no pupil of the course. Not `grades`: as in `works`."""
    statement = _of_activity(activity, kept_back=grades).where(Identity.id == identity_id)
    row = db.session.execute(statement).first()
    return None if row is None else _work(row)


def next_to_grade(
    activity: Activity,
    *,
    after: int,
    participations: Collection[Participation] | None = None,
    without_names: bool = False,
) -> int | None:
    """The pupil (an identity's id) whose work waits longest, other than `after`; None when all is graded.

    `without_names`: the one with the lowest number.
    """
    statement = _in_state(_of_activity(activity, participations), TO_GRADE).where(Identity.id != after)
    by_time = statement.order_by(None).order_by(Submission.handed_in_at, Identity.id)
    ordered = _by_number(statement) if without_names else by_time
    row = db.session.execute(ordered.limit(1).with_only_columns(Identity.id)).first()
    return None if row is None else int(row[0])


def neighbours(
    activity: Activity,
    submission: Submission | None,
    *,
    participations: Collection[Participation] | None = None,
    without_names: bool = False,
) -> tuple[int | None, int | None]:
    """The pupils (identities) whose works stand before and after this one: in the order of handing in, `without_names` by
    number. With `participations` only pupils of these classes."""
    if submission is None or submission.handed_in_at is None:
        return None, None
    statement = _of_activity(activity, participations).where(Submission.handed_in_at.is_not(None))
    at, ident, own = Submission.handed_in_at, Submission.id, submission.id
    order: tuple[Any, ...] = (at, ident)
    earlier = or_(at < submission.handed_in_at, and_(at == submission.handed_in_at, ident < own))
    later = or_(at > submission.handed_in_at, and_(at == submission.handed_in_at, ident > own))
    if without_names:
        statement, this = _by_number(statement), aliased(AssignmentWork)
        number = select(this.number).where(this.submission_id == own).scalar_subquery()
        order, earlier, later = (AssignmentWork.number,), AssignmentWork.number < number, AssignmentWork.number > number
    ids = statement.order_by(None).with_only_columns(Identity.id).limit(1)
    before = ids.where(earlier).order_by(*(column.desc() for column in order))
    return db.session.scalar(before), db.session.scalar(ids.where(later).order_by(*order))


@dataclass(frozen=True)
class PupilPage:
    """A page of a course's pupils."""

    rows: Sequence[Pupil]
    page: int
    pages: int


def pupils_page(course_id: int, *, participation_id: int | None, page: int) -> PupilPage:
    """All pupils, or those of one class."""
    places = pupil_places(course_id, None if participation_id is None else [participation_id])
    total = db.session.scalar(select(func.count()).select_from(places)) or 0
    pages = max(1, -(-total // WORK_PER_PAGE))
    page = min(max(page, 1), pages)
    statement = select_pupils(places).limit(WORK_PER_PAGE).offset((page - 1) * WORK_PER_PAGE)
    return PupilPage([Pupil(row[0], row[1], bool(row[2])) for row in db.session.execute(statement)], page, pages)


def own_work(activity: Activity, identity_id: int) -> tuple[Submission | None, Grade | None]:
    """The pupil's own submission and grade."""

    def own(model: Any) -> Any:
        return db.session.scalar(
            select(model).where(model.activity_id == activity.id, model.identity_id == identity_id)
        )

    return own(Submission), own(Grade)


def _by_number(statement: Select[Any]) -> Select[Any]:
    """Only works that were handed in; the order says nothing."""
    numbered = statement.join(AssignmentWork, AssignmentWork.submission_id == Submission.id)
    return numbered.where(Submission.handed_in_at.is_not(None)).order_by(None).order_by(AssignmentWork.number)


def _of_activity(
    activity: Activity, participations: Collection[Participation] | None = None, *, kept_back: bool = True
) -> Select[Any]:
    ids = None if participations is None else [one.id for one in participations]
    places = pupil_places(activity.course_id, ids)
    submitted = and_(Submission.activity_id == activity.id, Submission.identity_id == places.c.identity_id)
    graded = and_(Grade.activity_id == activity.id, Grade.identity_id == places.c.identity_id)
    marked = and_(Mark.activity_id == activity.id, Mark.identity_id == places.c.identity_id)
    if not kept_back:
        marked = and_(marked, Mark.released_at.is_not(None))
    excused = and_(Excuse.activity_id == activity.id, Excuse.identity_id == places.c.identity_id)
    return (
        select_pupils(places)
        .add_columns(Submission, Grade, Mark)
        .outerjoin(Submission, submitted)
        .outerjoin(Grade, graded)
        .outerjoin(Mark, marked)
        .outerjoin(Excuse, excused)
    )


def _in_state(statement: Select[Any], state: str) -> Select[Any]:
    conditions = {TO_GRADE: _waits(), GRADED: _graded(), MISSING: _missing()}
    return statement.where(conditions[state]) if state in conditions else statement


def _graded() -> ColumnElement[bool]:
    again = func.coalesce(Submission.waits_again, False).is_(True)
    return and_(or_(Grade.id.is_not(None), Mark.id.is_not(None)), ~again)


def _waits() -> ColumnElement[bool]:
    return and_(Submission.handed_in_at.is_not(None), ~_graded())


def _missing() -> ColumnElement[bool]:
    return and_(Submission.handed_in_at.is_(None), ~_graded(), Excuse.id.is_(None))


def _counts(statement: Select[Any]) -> dict[str, int]:
    counted = statement.order_by(None).with_only_columns(
        func.count().filter(_waits()), func.count().filter(_graded()), func.count().filter(_missing()), func.count()
    )
    return dict(zip(FILTERS, db.session.execute(counted).one(), strict=True))


def schools_in(course_id: int) -> list[Organization]:
    """Schools with a class in the course, by name."""
    statement = (
        select(Organization)
        .distinct()
        .join(Registration, Registration.organization_id == Organization.id)
        .join(Context, Context.registration_id == Registration.id)
        .join(Participation, Participation.context_id == Context.id)
        .where(Participation.course_id == course_id)
    )
    return list(db.session.scalars(statement.order_by(Organization.name)))


def _work(row: Any) -> Work:
    identity, participation, active, submission, grade, mark = row
    return Work(Pupil(identity, participation, bool(active)), submission, grade, mark)
