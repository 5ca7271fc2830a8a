"""Write down how a grade changed, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, insert

from lti_tool.core.db import execute, run, table_of, utcnow
from lti_tool.courses.gradebook.models import Excuse, GradeChange
from lti_tool.courses.models import Grade


def note_change(grade: Grade, way: str, *, before: tuple[float | None, str]) -> None:
    """A grade was given or changed; `before` are the points and the comment it had. It ends an excuse."""
    home = (grade.home_value, grade.home_maximum)
    changed = change_row(
        activity_id=grade.activity_id,
        identity_id=grade.identity_id,
        by_id=grade.graded_by_id,
        way=way,
        before=before[0],
        points=grade.points,
        home=home,
    )
    note_changes([{**changed, "at": grade.graded_at, "comment_changed": grade.comment != before[1]}])
    drop_excuses(grade.activity_id, [grade.identity_id])


def change_row(
    *,
    activity_id: int,
    identity_id: int,
    by_id: int | None,
    way: str,
    before: float | None,
    points: float | None,
    home: tuple[float | None, float | None] = (None, None),
    held: bool = False,
) -> dict[str, Any]:
    """One change for note_changes; `home` is what the school's scale makes of the points, and out of how much.

    `held`: nobody is told, so nothing is sent.
    """
    return {
        "activity_id": activity_id,
        "identity_id": identity_id,
        "by_id": by_id,
        "way": way,
        "points_before": before,
        "points": points,
        "value": None if held else points if home[0] is None else home[0],
        "maximum": home[1],
        "comment_changed": False,
        "held": held,
        "batch_id": None,
    }


def note_changes(rows: Sequence[dict[str, Any]]) -> None:
    """Changes of many grades, as change_row gives them; one statement."""
    if rows:
        run(insert(table_of(GradeChange)), [{"at": utcnow(), **row} for row in rows])


def drop_excuses(activity_id: int, identity_ids: Collection[int]) -> int:
    """These pupils are no longer excused; how many were."""
    statement = delete(Excuse).where(Excuse.activity_id == activity_id, Excuse.identity_id.in_(identity_ids))
    return execute(statement.execution_options(synchronize_session=False)).rowcount
