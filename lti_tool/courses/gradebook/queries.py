"""Reads about one column of the gradebook, and about how a cell came to be what it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select

from lti_tool.core.db import db, utcnow
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
    excused: bool


def column(
    activity: Activity, participations: Collection[Participation] | None, *, school: int | None, state: str
) -> list[Line]:
    """The pupils of these classes (None: all), or of one school, in one state of this activity, but for those erased."""
    places = pupil_places(activity.course_id, None if participations is None else [one.id for one in participations])

    def beside(model: Any) -> Any:
        return and_(model.activity_id == activity.id, model.identity_id == places.c.identity_id)

    statement = (
        select_pupils(places)
        .add_columns(Submission.participation_id, Submission.handed_in_at, Grade.points, Excuse.id)
        .outerjoin(Submission, beside(Submission))
        .outerjoin(Grade, beside(Grade))
        .outerjoin(Excuse, beside(Excuse))
        .where(Identity.erased_at.is_(None))
    )
    if school is not None:
        statement = statement.where(Organization.id == school)
    rows = db.session.execute(_in_state(statement, state))
    return [_line(row) for row in rows]


def _in_state(statement: Select[Any], state: str) -> Select[Any]:
    if state == UNGRADED:
        return statement.where(Grade.id.is_(None))
    if state == WAITING:
        return statement.where(Grade.id.is_(None), Submission.handed_in_at.is_not(None))
    if state == GRADED:
        return statement.where(Grade.id.is_not(None))
    if state == EXCUSED:
        return statement.where(Grade.id.is_(None), Excuse.id.is_not(None))
    return statement


def _line(row: Any) -> Line:
    identity, participation, active, worked_for, handed_in_at, points, excuse = row
    pupil = Pupil(identity, participation, bool(active))
    return Line(pupil, worked_for or participation.id, handed_in_at, points, points is None and excuse is not None)


def changes_of(activity: Activity, identity_id: int) -> Sequence[GradeChange]:
    """How one cell changed, the newest first."""
    statement = select(GradeChange).where(
        GradeChange.activity_id == activity.id, GradeChange.identity_id == identity_id
    )
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
