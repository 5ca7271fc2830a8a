"""Write down how a grade changed, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert

from lti_tool.core.db import run, table_of, utcnow
from lti_tool.courses.gradebook.models import Excuse, GradeChange
from lti_tool.courses.models import Grade


def note_change(grade: Grade, way: str, *, before: tuple[float | None, str]) -> None:
    """A grade was given or changed; `before` are the points and the comment it had. It ends an excuse."""
    key: dict[str, Any] = {
        "activity_id": grade.activity_id,
        "identity_id": grade.identity_id,
        "by_id": grade.graded_by_id,
    }
    changed = change_row(
        way=way, before=before[0], points=grade.points, home=(grade.home_value, grade.home_maximum), **key
    )
    note_changes([{**changed, "at": grade.graded_at, "comment_changed": grade.comment != before[1]}])
    excuses = table_of(Excuse)
    mine = (excuses.c.activity_id == grade.activity_id, excuses.c.identity_id == grade.identity_id)
    run(delete(excuses).where(*mine))


def change_row(
    *,
    activity_id: int,
    identity_id: int,
    by_id: int | None,
    way: str,
    before: float | None,
    points: float,
    home: tuple[float | None, float | None],
) -> dict[str, Any]:
    """One change for note_changes; `home` is what the school's scale makes of the points, and out of how much."""
    return {
        "activity_id": activity_id,
        "identity_id": identity_id,
        "by_id": by_id,
        "way": way,
        "points_before": before,
        "points": points,
        "value": points if home[0] is None else home[0],
        "maximum": home[1],
        "comment_changed": False,
        "batch_id": None,
    }


def note_changes(rows: Sequence[dict[str, Any]]) -> None:
    """Changes of many grades, as change_row gives them; one statement."""
    if rows:
        run(insert(table_of(GradeChange)), [{"at": utcnow(), **row} for row in rows])
