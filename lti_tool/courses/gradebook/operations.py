"""One answer for many: a grade for those without one, a comment for those with one, an excuse; and taking it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lti_tool.core import audit
from lti_tool.core.db import db, execute, run, table_of, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.courses.gradebook.history import change_row, note_changes
from lti_tool.courses.gradebook.models import MANY, UNDONE, Excuse, GradeBatch, GradeChange
from lti_tool.courses.gradebook.waiting import note_settled
from lti_tool.courses.models import AGREED, Activity, Grade, Participation, ScaleTreaty
from lti_tool.courses.operations.grading import MAX_COMMENT, check_points
from lti_tool.grades.operations import Given, record_scores, take_back
from lti_tool.people.actor import Actor

UNDO_FOR = timedelta(minutes=2)
"""Grades given to many leave for the schools after this long."""
MAX_REASON = 300


@dataclass(frozen=True)
class Place:
    """A pupil to grade, and where the grade counts."""

    identity_id: int
    participation_id: int


def grade_many(
    *, actor: Actor, activity: Activity, places: Sequence[Place], points: float, comment: str
) -> GradeBatch | None:
    """Give all of them who have none the same grade; None when nobody was left. A few statements a class.

    The scores leave after UNDO_FOR. Raises Invalid for points beyond the maximum.
    """
    check_points(activity, points)
    treaties = _hold_treaties({place.participation_id for place in places})
    now = utcnow()
    common = {"activity_id": activity.id, "points": points, "comment": comment, "graded_at": now, "created_at": now}
    common |= {"graded_by_id": actor.identity_id, "version": 1}
    rows = [{**common, **vars(place), **_at_home(treaties, place, points, activity)} for place in places]
    _insert_absent(Grade, rows)
    given = _just_given(activity, actor, now)
    if not given:
        return None
    batch = GradeBatch(activity_id=activity.id, by_id=actor.identity_id, count=len(given), until=now + UNDO_FOR)
    db.session.add(batch)
    db.session.flush()
    note_changes([_change(grade, MANY, batch, before=None) for grade in given])
    note_settled(activity.id, [grade.identity_id for grade in given])
    _end_excuses(activity, [grade.identity_id for grade in given])
    _send(actor, activity, given, due_at=batch.until)
    audit.record(actor, "grade_many", "activity", activity.id, count=len(given))
    return batch


def undo_batch(*, actor: Actor, batch: GradeBatch) -> int:
    """Take back what is still as it was given and has not left; returns how many. Once only.

    Raises Conflict when its time is over.
    """
    if batch.undone_at is not None:
        return 0
    if utcnow() >= batch.until:
        raise Conflict(
            _("These grades have left for the schools, so they can no longer be taken back together."),
            _("Change a grade in its cell instead."),
        )
    in_batch = select(GradeChange.identity_id).where(GradeChange.batch_id == batch.id)
    unchanged = select(Grade.identity_id).where(
        Grade.activity_id == batch.activity_id, Grade.version == 1, Grade.identity_id.in_(in_batch)
    )
    back = take_back(
        resource_id=batch.activity.resource_id, identity_ids=db.session.scalars(unchanged.with_for_update()).all()
    )
    grades = _grades(batch.activity, back)
    changes = [{**_change(grade, UNDONE, batch, before=grade.points), **_GONE} for grade in grades]
    note_changes([{**change, "by_id": actor.identity_id} for change in changes])
    gone = delete(Grade).where(Grade.id.in_([grade.id for grade in grades]))
    execute(gone.execution_options(synchronize_session=False))
    note_settled(batch.activity_id, [grade.identity_id for grade in grades], settled=False)
    batch.undone_at = utcnow()
    audit.record(actor, "undo_grades", "activity", batch.activity_id, count=len(grades))
    return len(grades)


def comment_many(*, actor: Actor, activity: Activity, places: Sequence[Place], comment: str) -> int:
    """Add a comment below what those who have a grade were told already; returns to how many.

    Raises Invalid for an empty one, and for one that makes somebody's comment too long.
    """
    if not comment:
        raise Invalid({"comment": _("Write the comment first.")})
    now, changes, rows, kept = utcnow(), [], [], []
    for grade in _grades(activity, [place.identity_id for place in places], lock=True):
        if grade.comment.endswith(comment):
            continue
        whole = f"{grade.comment}\n\n{comment}".strip()
        if len(whole) > MAX_COMMENT:
            raise Invalid({"comment": _("Together with what is there it is too long for some pupils. Shorten it.")})
        rows.append({"grade": grade.id, "whole": whole, "now": now, "by": actor.identity_id})
        kept.append(replace(grade, comment=whole, graded_at=now, by_id=actor.identity_id))
        changes.append({**_change(kept[-1], MANY, None, before=grade.points), "comment_changed": True})
    if rows:
        run(_COMMENT, rows)
        note_changes(changes)
        _send(actor, activity, kept)
        audit.record(actor, "comment_many", "activity", activity.id, count=len(rows))
    return len(rows)


def excuse_many(*, actor: Actor, activity: Activity, places: Sequence[Place], reason: str) -> int:
    """These pupils need not do it; who has a grade keeps it. Returns how many are newly excused."""
    graded = {grade.identity_id for grade in _grades(activity, [place.identity_id for place in places])}
    known = set(db.session.scalars(select(Excuse.identity_id).where(Excuse.activity_id == activity.id)))
    chosen = [place.identity_id for place in places if place.identity_id not in graded | known]
    common = {"activity_id": activity.id, "by_id": actor.identity_id, "reason": reason, "created_at": utcnow()}
    _insert_absent(Excuse, [{**common, "identity_id": one} for one in chosen])
    if chosen:
        audit.record(actor, "excuse", "activity", activity.id, count=len(chosen))
    return len(chosen)


def end_excuses(*, actor: Actor, activity: Activity, places: Sequence[Place]) -> int:
    """These pupils have to do it after all; returns how many were excused."""
    count = _end_excuses(activity, [place.identity_id for place in places])
    if count:
        audit.record(actor, "end_excuse", "activity", activity.id, count=count)
    return count


def _end_excuses(activity: Activity, identity_ids: Collection[int]) -> int:
    statement = delete(Excuse).where(Excuse.activity_id == activity.id, Excuse.identity_id.in_(identity_ids))
    return execute(statement.execution_options(synchronize_session=False)).rowcount


def _hold_treaties(participation_ids: Collection[int]) -> dict[int, ScaleTreaty]:
    """The treaties in force by class, until this transaction ends."""
    mine = Participation.id.in_(participation_ids)
    db.session.execute(select(Participation.id).where(mine).order_by(Participation.id).with_for_update(read=True))
    statement = select(ScaleTreaty).where(
        ScaleTreaty.participation_id.in_(participation_ids), ScaleTreaty.state == AGREED
    )
    return {treaty.participation_id: treaty for treaty in db.session.scalars(statement)}


def _at_home(treaties: dict[int, ScaleTreaty], place: Place, points: float, activity: Activity) -> dict[str, Any]:
    treaty = treaties.get(place.participation_id)
    if treaty is None:
        return {"home_value": None, "home_maximum": None, "treaty_id": None}
    assert activity.points is not None
    value, maximum = treaty.scale.convert(points, activity.points)
    return {"home_value": value, "home_maximum": maximum, "treaty_id": treaty.id}


def _insert_absent(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table_of(model))
        run(insert.on_conflict_do_nothing(), rows)


@dataclass(frozen=True)
class Marked:
    """A grade as values, with the context whose gradebook it goes to."""

    id: int
    identity_id: int
    participation_id: int
    context_id: int
    points: float
    home_value: float | None
    home_maximum: float | None
    comment: str
    graded_at: datetime
    by_id: int | None
    activity_id: int


_GRADE = (
    Grade.id,
    Grade.identity_id,
    Grade.participation_id,
    Participation.context_id,
    Grade.points,
    Grade.home_value,
    Grade.home_maximum,
    Grade.comment,
    Grade.graded_at,
    Grade.graded_by_id,
    Grade.activity_id,
)


def _grades(activity: Activity, identity_ids: Collection[int], *, lock: bool = False) -> list[Marked]:
    statement = (
        select(*_GRADE)
        .join(Participation, Participation.id == Grade.participation_id)
        .where(Grade.activity_id == activity.id, Grade.identity_id.in_(identity_ids))
    )
    return [Marked(*row) for row in db.session.execute(statement.with_for_update(of=Grade) if lock else statement)]


def _just_given(activity: Activity, actor: Actor, now: datetime) -> list[Marked]:
    """The rows this call has inserted: others graded meanwhile were left alone."""
    statement = select(*_GRADE).join(Participation, Participation.id == Grade.participation_id)
    mine = (Grade.graded_at == now, Grade.graded_by_id == actor.identity_id, Grade.version == 1)
    return [Marked(*row) for row in db.session.execute(statement.where(Grade.activity_id == activity.id, *mine))]


_GONE = {"points": None, "value": None, "maximum": None}


def _change(grade: Marked, way: str, batch: GradeBatch | None, *, before: float | None) -> dict[str, Any]:
    key: dict[str, Any] = {"activity_id": grade.activity_id, "identity_id": grade.identity_id, "by_id": grade.by_id}
    home = (grade.home_value, grade.home_maximum)
    changed = change_row(way=way, before=before, points=grade.points, home=home, **key)
    return {**changed, "batch_id": batch.id if batch else None}


def _send(actor: Actor, activity: Activity, grades: Iterable[Marked], *, due_at: datetime | None = None) -> None:
    """Have the scores delivered, by column and maximum."""
    columns: dict[tuple[int, float | None], list[Given]] = defaultdict(list)
    for grade in grades:
        value = grade.points if grade.home_value is None else grade.home_value
        told = Given(grade.identity_id, value, grade.comment, grade.graded_at)
        columns[grade.context_id, grade.home_maximum].append(told)
    for (context_id, maximum), scores in columns.items():
        assert activity.points is not None
        record_scores(
            actor=actor,
            context_id=context_id,
            resource_id=activity.resource_id,
            label=activity.title,
            maximum=activity.points if maximum is None else maximum,
            scores=scores,
            agreed=maximum is not None,
            due_at=due_at,
        )


_table = table_of(Grade)
_COMMENT = (
    update(_table)
    .where(_table.c.id == bindparam("grade"))
    .values(
        comment=bindparam("whole"),
        graded_at=bindparam("now"),
        graded_by_id=bindparam("by"),
        version=_table.c.version + 1,
    )
)
