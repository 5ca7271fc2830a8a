"""Reads about one column of the gradebook, and about how a cell came to be what it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from lti_tool.core.db import db, utcnow
from lti_tool.courses.assignments.models import AssignmentWork, Mark
from lti_tool.courses.gradebook.models import Excuse, GradeBatch, GradeChange
from lti_tool.courses.models import Activity, Grade, Participation, Submission
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity

UNGRADED, WAITING, GRADED, EXCUSED, ALL = "ungraded", "waiting", "graded", "excused", "all"
STATES = (UNGRADED, WAITING, GRADED, EXCUSED, ALL)
"""Without a grade, excused or not; of these with work handed in; with one; excused; everybody."""
CHANGES_SHOWN = 50


@dataclass(frozen=True)
class Line:
    """One pupil's cell in a column."""

    pupil: Pupil
    participation_id: int
    """Where a grade would count."""
    handed_in_at: datetime | None
    points: float | None
    """Of the mark, told or not, else of the grade."""
    held: bool
    """Nobody was told of the points."""
    excused: bool
    number: int | None
    """What the work is called by while names are hidden; None: nothing was handed in, or the kind gives no numbers."""


def column(
    activity: Activity,
    participations: Collection[Participation] | None,
    *,
    school: int | None,
    state: str,
    without_names: bool = False,
) -> list[Line]:
    """The pupils of these classes (None: all), or of one school, in one state of this activity, but for those erased.

    `without_names`: only works that were handed in, by number, and no excuses, so that nothing tells whose they are.
    """
    places = pupil_places(activity.course_id, None if participations is None else [one.id for one in participations])

    def beside(model: Any) -> Any:
        return and_(model.activity_id == activity.id, model.identity_id == places.c.identity_id)

    final = func.coalesce(Mark.points - Mark.deduction, Grade.points)
    held = and_(Mark.id.is_not(None), Mark.released_at.is_(None))
    statement = (
        select_pupils(places)
        .add_columns(Submission.participation_id, Submission.handed_in_at, final, held, Excuse.id)
        .add_columns(AssignmentWork.number)
        .outerjoin(Submission, beside(Submission))
        .outerjoin(Grade, beside(Grade))
        .outerjoin(Mark, beside(Mark))
        .outerjoin(Excuse, beside(Excuse))
        .outerjoin(AssignmentWork, AssignmentWork.submission_id == Submission.id)
        .where(Identity.erased_at.is_(None))
    )
    if without_names:
        numbered = statement.where(Submission.handed_in_at.is_not(None), AssignmentWork.number.is_not(None))
        statement = numbered.order_by(None).order_by(AssignmentWork.number)
    elif school is not None:
        statement = statement.where(Organization.id == school)
    rows = db.session.execute(_in_state(statement, UNGRADED if without_names and state == EXCUSED else state))
    lines = [_line(row) for row in rows]
    return [replace(line, excused=False) for line in lines] if without_names else lines


def _in_state(statement: Select[Any], state: str) -> Select[Any]:
    graded = or_(Grade.id.is_not(None), Mark.id.is_not(None))
    if state == UNGRADED:
        return statement.where(~graded)
    if state == WAITING:
        return statement.where(~graded, Submission.handed_in_at.is_not(None))
    if state == GRADED:
        return statement.where(graded)
    if state == EXCUSED:
        return statement.where(~graded, Excuse.id.is_not(None))
    return statement


def _line(row: Any) -> Line:
    identity, participation, active, worked_for, handed_in_at, points, held, excuse, number = row
    points = None if points is None else round(points, 2)
    excused = points is None and excuse is not None
    pupil = Pupil(identity, participation, bool(active))
    return Line(pupil, worked_for or participation.id, handed_in_at, points, bool(held), excused, number)


def changes_of(activity: Activity, identity_id: int, *, held: bool) -> Sequence[GradeChange]:
    """How one cell changed, the newest first; `held`: with marks that nobody was told of."""
    statement = select(GradeChange).where(
        GradeChange.activity_id == activity.id, GradeChange.identity_id == identity_id
    )
    if not held:
        statement = statement.where(GradeChange.held.is_(False))
    return db.session.scalars(statement.order_by(GradeChange.id.desc()).limit(CHANGES_SHOWN)).all()


def excuse_of(activity: Activity, identity_id: int) -> Excuse | None:
    """Why the pupil need not do it; None when there is no excuse."""
    statement = select(Excuse).where(Excuse.activity_id == activity.id, Excuse.identity_id == identity_id)
    return db.session.scalar(statement)


def open_batches(activity: Activity, *, by_id: int | None = None) -> Sequence[GradeBatch]:
    """What was given to many, by this teacher when named, and can still be taken back, the newest first."""
    statement = select(GradeBatch).where(
        GradeBatch.activity_id == activity.id, GradeBatch.undone_at.is_(None), GradeBatch.until > utcnow()
    )
    if by_id is not None:
        statement = statement.where(GradeBatch.by_id == by_id)
    return db.session.scalars(statement.order_by(GradeBatch.id.desc())).all()
