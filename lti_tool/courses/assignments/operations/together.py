"""One answer for many works of an assignment: marks for those without one, a comment for those with one; and back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from lti_tool.core.db import db, execute, insert_all_absent, run, table_of
from lti_tool.courses.assignments.lateness import Deduction, days_begun, deduction
from lti_tool.courses.assignments.models import DEDUCTED, Assignment, Mark
from lti_tool.courses.assignments.settings import assignment_of
from lti_tool.courses.models import Activity, Submission
from lti_tool.people.actor import Actor

_BULK = {"synchronize_session": False}


@dataclass(frozen=True)
class Place:
    """A pupil to grade, and where the grade counts."""

    identity_id: int
    participation_id: int


@dataclass(frozen=True)
class Held:
    """A mark that nobody was told of, as values."""

    identity_id: int
    points: float
    """That count: what is taken off for being late is off."""
    comment: str


def give_marks(
    *, actor: Actor, activity: Activity, places: Sequence[Place], points: float, comment: str, now: datetime
) -> dict[int, float]:
    """Mark all of them who have no mark; by identity the points that count, late work reckoned by everybody's own dates.

    Three statements. Marks that are not held back have to become grades, in the same transaction: see holds_back.
    """
    assignment = assignment_of(activity)
    taken = _late(assignment, activity, [place.identity_id for place in places], points)
    common = {"activity_id": activity.id, "points": points, "comment": comment, "graded_at": now, "levels": []}
    common |= {"reason": "", "version": 1, "graded_by_id": actor.identity_id, "rubric_id": None, "reckoned": None}
    common["released_at"] = None if assignment.holds_back else now
    rows = []
    for place in places:
        late = taken.get(place.identity_id, Deduction())
        rows.append({**common, **vars(place), "days_late": late.days, "deduction": late.points})
    insert_all_absent(Mark, rows)
    mine = (Mark.graded_at == now, Mark.graded_by_id == actor.identity_id, Mark.version == 1)
    statement = select(Mark.identity_id, Mark.points - Mark.deduction).where(Mark.activity_id == activity.id, *mine)
    return {row[0]: round(row[1], 2) for row in db.session.execute(statement)}


def _late(
    assignment: Assignment, activity: Activity, identity_ids: Sequence[int], points: float
) -> dict[int, Deduction]:
    if assignment.late_rule != DEDUCTED:
        return {}
    statement = select(Submission.identity_id, Submission.handed_in_at, Submission.own_due_at).where(
        Submission.activity_id == activity.id, Submission.identity_id.in_(identity_ids)
    )
    rule: dict[str, Any] = {"per_day": assignment.late_percent, "most": assignment.late_most}
    return {
        identity_id: deduction(points, days_begun(handed_in_at, own_due_at or activity.due_at), **rule)
        for identity_id, handed_in_at, own_due_at in db.session.execute(statement)
    }


def held_marks(activity: Activity, identity_ids: Collection[int], *, first: bool = False) -> list[Held]:
    """Marks of these that nobody was told of, locked; `first`: only those that were never changed."""
    statement = (
        select(Mark.identity_id, Mark.points - Mark.deduction, Mark.comment)
        .where(Mark.activity_id == activity.id, Mark.identity_id.in_(identity_ids), Mark.released_at.is_(None))
        .order_by(Mark.id)
    )
    if first:
        statement = statement.where(Mark.version == 1)
    rows = db.session.execute(statement.with_for_update(of=Mark))
    return [Held(row[0], round(row[1], 2), row[2]) for row in rows]


def marked(activity: Activity, identity_ids: Collection[int]) -> set[int]:
    """Who of these has a mark, told or not."""
    statement = select(Mark.identity_id).where(Mark.activity_id == activity.id, Mark.identity_id.in_(identity_ids))
    return set(db.session.scalars(statement))


def comment_marks(*, actor: Actor, activity: Activity, comments: dict[int, str], now: datetime) -> None:
    """Give these marks (by identity) other comments; one statement."""
    common = {"activity": activity.id, "by": actor.identity_id, "now": now}
    if comments:
        run(_COMMENT, [{**common, "identity": one, "whole": whole} for one, whole in comments.items()])


def drop_marks(activity: Activity, identity_ids: Collection[int]) -> None:
    """Marks that were given a moment ago and never changed are gone."""
    gone = delete(Mark).where(Mark.activity_id == activity.id, Mark.identity_id.in_(identity_ids), Mark.version == 1)
    execute(gone.execution_options(**_BULK))


_marks = table_of(Mark)
_COMMENT = (
    update(_marks)
    .where(_marks.c.activity_id == bindparam("activity"), _marks.c.identity_id == bindparam("identity"))
    .values(
        comment=bindparam("whole"),
        graded_at=bindparam("now"),
        graded_by_id=bindparam("by"),
        version=_marks.c.version + 1,
    )
)
