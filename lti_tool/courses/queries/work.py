"""Reads about what pupils handed in: the host's list for one assignment, one pupil's work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select

from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.courses.models import Activity, Grade, Participation, Submission, SubmissionFile
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

    @property
    def state(self) -> str:
        return state_of(self.submission, self.grade)


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
) -> WorkPage:
    """Pupils of all schools, or of one, in one state; the longest waiting first where work is to be graded.

    With `participations` only pupils of these classes.
    """
    statement = _of_activity(activity, participations)
    schools = schools_in(activity.course_id)
    if school is not None:
        statement = statement.where(Organization.id == school)
    counts = _counts(statement)
    pages = max(1, -(-counts[state] // WORK_PER_PAGE))
    page = min(max(page, 1), pages)
    if state == TO_GRADE:
        statement = statement.order_by(None).order_by(Submission.handed_in_at, Identity.id)
    limited = _in_state(statement, state).limit(WORK_PER_PAGE).offset((page - 1) * WORK_PER_PAGE)
    rows = [_work(row) for row in db.session.execute(limited)]
    return WorkPage(rows, counts, schools, page, pages)


def work_counts(activity: Activity) -> dict[str, int]:
    """How many works there are under each filter, in all schools."""
    return _counts(_of_activity(activity))


def work_of(activity: Activity, identity_id: int) -> Work | None:
    """One pupil's work; None when the person is no pupil of the course."""
    row = db.session.execute(_of_activity(activity).where(Identity.id == identity_id)).first()
    return None if row is None else _work(row)


def next_to_grade(
    activity: Activity, *, after: int, participations: Collection[Participation] | None = None
) -> int | None:
    """The pupil (an identity's id) whose work waits longest, other than `after`; None when all is graded."""
    statement = _in_state(_of_activity(activity, participations), TO_GRADE).where(Identity.id != after)
    ordered = statement.order_by(None).order_by(Submission.handed_in_at, Identity.id).limit(1)
    row = db.session.execute(ordered.with_only_columns(Identity.id)).first()
    return None if row is None else int(row[0])


def own_work(activity: Activity, identity_id: int) -> tuple[Submission | None, Grade | None]:
    """The pupil's own submission and grade."""

    def own(model: Any) -> Any:
        return db.session.scalar(
            select(model).where(model.activity_id == activity.id, model.identity_id == identity_id)
        )

    return own(Submission), own(Grade)


def _of_activity(activity: Activity, participations: Collection[Participation] | None = None) -> Select[Any]:
    ids = None if participations is None else [one.id for one in participations]
    places = pupil_places(activity.course_id, ids)
    submitted = and_(Submission.activity_id == activity.id, Submission.identity_id == places.c.identity_id)
    graded = and_(Grade.activity_id == activity.id, Grade.identity_id == places.c.identity_id)
    return (
        select_pupils(places).add_columns(Submission, Grade).outerjoin(Submission, submitted).outerjoin(Grade, graded)
    )


def _in_state(statement: Select[Any], state: str) -> Select[Any]:
    if state == TO_GRADE:
        return statement.where(Submission.handed_in_at.is_not(None), Grade.id.is_(None))
    if state == GRADED:
        return statement.where(Grade.id.is_not(None))
    if state == MISSING:
        return statement.where(Submission.handed_in_at.is_(None), Grade.id.is_(None))
    return statement


def _counts(statement: Select[Any]) -> dict[str, int]:
    handed_in, graded = Submission.handed_in_at.is_not(None), Grade.id.is_not(None)
    counted = statement.order_by(None).with_only_columns(
        func.count().filter(handed_in, ~graded),
        func.count().filter(graded),
        func.count().filter(~handed_in, ~graded),
        func.count(),
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
    identity, participation, active, submission, grade = row
    return Work(Pupil(identity, participation, bool(active)), submission, grade)


def kept_files() -> Select[tuple[int, int]]:
    """(organization, bytes) of every file handed in or about to be: they are the pupil's own school's."""
    return (
        select(Registration.organization_id, SubmissionFile.size)
        .join(Submission, Submission.id == SubmissionFile.submission_id)
        .join(Identity, Identity.id == Submission.identity_id)
        .join(Registration, Registration.id == Identity.registration_id)
    )
