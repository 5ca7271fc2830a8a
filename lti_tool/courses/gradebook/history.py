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
    points_before, comment_before = before
    note_changes(
        [
            {
                "activity_id": grade.activity_id,
                "identity_id": grade.identity_id,
                "at": grade.graded_at,
                "by_id": grade.graded_by_id,
                "way": way,
                "points_before": points_before,
                "points": grade.points,
                "value": grade.points if grade.home_value is None else grade.home_value,
                "maximum": grade.home_maximum,
                "comment_changed": grade.comment != comment_before,
                "batch_id": None,
            }
        ]
    )
    excuses = table_of(Excuse)
    mine = (excuses.c.activity_id == grade.activity_id, excuses.c.identity_id == grade.identity_id)
    run(delete(excuses).where(*mine))


def note_changes(rows: Sequence[dict[str, Any]]) -> None:
    """Changes of many grades, each with every column of GradeChange; one statement."""
    if rows:
        run(insert(table_of(GradeChange)), [{"at": utcnow(), **row} for row in rows])
