"""One answer for many: a grade for those without one, a comment for those with one, an excuse; and taking it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_all_absent, run, table_of, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.assignments.operations.together import (
    Held,
    Place,
    comment_marks,
    drop_marks,
    give_marks,
    held_marks,
    marked,
)
from lti_tool.courses.assignments.queries import mark_of
from lti_tool.courses.assignments.settings import assignment_of
from lti_tool.courses.gradebook.history import change_row, drop_excuses, note_changes
from lti_tool.courses.gradebook.models import MANY, UNDONE, Excuse, GradeBatch, GradeChange
from lti_tool.courses.gradebook.waiting import note_settled
from lti_tool.courses.models import ASSIGNMENT, Activity, Grade, Participation
from lti_tool.courses.operations.grading import (
    MAX_COMMENT,
    check_points,
    give_grade,
    hold_treaties,
    home_values,
    tell_graded,
    untell_graded,
)
from lti_tool.courses.pupils import Pupil
from lti_tool.courses.queries.work import own_work
from lti_tool.grades.operations import Given, record_scores, take_back
from lti_tool.people.actor import Actor

UNDO_FOR = timedelta(minutes=2)
"""Grades given to many leave for the schools after this long."""
MAX_REASON = 300


def type_points(*, actor: Actor, activity: Activity, pupil: Pupil, points: float, seen: int) -> None:
    """Points typed into a cell: the comment stays. Raises like give_grade, and Invalid where a rubric has decided."""
    mark, (_submission, grade) = mark_of(activity.id, pupil.identity.id), own_work(activity, pupil.identity.id)
    if mark is not None and mark.rubric_id is not None:
        raise Invalid({"points": _("This grade comes from the rubric. Open the work to change it.")})
    there = mark or grade
    comment = there.comment if there else ""
    give_grade(actor=actor, activity=activity, pupil=pupil, points=points, comment=comment, seen=seen)


def grade_many(
    *, actor: Actor, activity: Activity, places: Sequence[Place], points: float, comment: str
) -> GradeBatch | None:
    """Give all of them who have none the same grade; None when nobody was left. A few statements a class.

    The scores leave after UNDO_FOR, and not at all while the assignment keeps its grades back. Raises Invalid for points
    beyond the maximum.
    """
    check_points(activity, points)
    now = utcnow()
    counted = {place.identity_id: points for place in places}
    if activity.kind == ASSIGNMENT:
        counted = give_marks(actor=actor, activity=activity, places=places, points=points, comment=comment, now=now)
    chosen = [place for place in places if place.identity_id in counted]
    held = holds_back(activity)
    given = [] if held else _store(actor, activity, chosen, counted, comment=comment, now=now)
    graded = list(counted) if held else [grade.identity_id for grade in given]
    if not graded:
        return None
    batch = GradeBatch(activity_id=activity.id, by_id=actor.identity_id, count=len(graded), until=now + UNDO_FOR)
    db.session.add(batch)
    db.session.flush()
    note_settled(activity.id, graded)
    drop_excuses(activity.id, graded)
    if held:
        marks = [Held(one, counted[one], comment) for one in graded]
        note_changes([_held_change(actor, activity, mark, MANY, batch, before=None) for mark in marks])
    else:
        note_changes([_change(grade, MANY, batch, before=None) for grade in given])
        _send(actor, activity, given, due_at=batch.until)
        tell_graded(graded, activity)
    audit.record(actor, "grade_many", "activity", activity.id, count=len(graded))
    return batch


def holds_back(activity: Activity) -> bool:
    """Nobody is told of what is given now."""
    return activity.kind == ASSIGNMENT and assignment_of(activity).holds_back


def _store(
    actor: Actor,
    activity: Activity,
    places: Sequence[Place],
    points: Mapping[int, float],
    *,
    comment: str,
    now: datetime,
) -> list[Marked]:
    """Grades for those who have none; those that this call has given."""
    treaties = hold_treaties({place.participation_id for place in places})
    common = {"activity_id": activity.id, "comment": comment, "graded_at": now, "created_at": now}
    common |= {"graded_by_id": actor.identity_id, "version": 1}
    rows = []
    for place in places:
        given = points[place.identity_id]
        rows.append(
            {
                **common,
                **vars(place),
                "points": given,
                **home_values(treaties.get(place.participation_id), given, activity),
            }
        )
    insert_all_absent(Grade, rows)
    return _just_given(activity, actor, now)


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
    activity = batch.activity
    in_batch = db.session.scalars(select(GradeChange.identity_id).where(GradeChange.batch_id == batch.id)).all()
    held = held_marks(activity, in_batch, first=True)
    changes = [_held_change(actor, activity, mark, UNDONE, batch, before=mark.points) for mark in held]
    grades = _take_grades_back(activity, in_batch)
    changes += [_change(grade, UNDONE, batch, before=grade.points) for grade in grades]
    note_changes([{**change, **_GONE, "by_id": actor.identity_id} for change in changes])
    gone = [mark.identity_id for mark in held] + [grade.identity_id for grade in grades]
    drop_marks(activity, gone)
    note_settled(activity.id, gone, settled=False)
    untell_graded([grade.identity_id for grade in grades], activity)
    batch.undone_at = utcnow()
    audit.record(actor, "undo_grades", "activity", activity.id, count=len(gone))
    return len(gone)


def _take_grades_back(activity: Activity, identity_ids: Collection[int]) -> list[Marked]:
    """Grades of these that nobody has changed and whose scores have not left; they are gone."""
    changed = (Mark.activity_id == activity.id, Mark.identity_id == Grade.identity_id, Mark.version > 1)
    unchanged = select(Grade.identity_id).where(
        Grade.activity_id == activity.id,
        Grade.version == 1,
        Grade.identity_id.in_(identity_ids),
        ~select(Mark.id).where(*changed).exists(),
    )
    there = db.session.scalars(unchanged.with_for_update(of=Grade)).all()
    grades = _grades(activity, take_back(resource_id=activity.resource_id, identity_ids=there))
    gone = delete(Grade).where(Grade.id.in_([grade.id for grade in grades]))
    execute(gone.execution_options(synchronize_session=False))
    return grades


def comment_many(*, actor: Actor, activity: Activity, places: Sequence[Place], comment: str) -> int:
    """Add a comment below what those who have a grade, or a mark that is held back, were to be told already; returns to
    how many.

    Raises Invalid for an empty one, and for one that makes somebody's comment too long.
    """
    if not comment:
        raise Invalid({"comment": _("Write the comment first.")})
    now, ids = utcnow(), [place.identity_id for place in places]
    held = held_marks(activity, ids)
    waiting = {mark.identity_id for mark in held}
    told = [grade for grade in _grades(activity, ids, lock=True) if grade.identity_id not in waiting]
    there: list[Held | Marked] = [*held, *told]
    comments = {one.identity_id: _longer(one.comment, comment) for one in there if not one.comment.endswith(comment)}
    marks = [mark for mark in held if mark.identity_id in comments]
    changes = [_held_change(actor, activity, mark, MANY, None, before=mark.points) for mark in marks]
    kept = [
        replace(grade, comment=comments[grade.identity_id], graded_at=now, by_id=actor.identity_id)
        for grade in told
        if grade.identity_id in comments
    ]
    changes += [_change(grade, MANY, None, before=grade.points) for grade in kept]
    if not changes:
        return 0
    note_changes([{**change, "comment_changed": True} for change in changes])
    comment_marks(actor=actor, activity=activity, comments=comments, now=now)
    if kept:
        by = actor.identity_id
        run(_COMMENT, [{"grade": grade.id, "whole": grade.comment, "now": now, "by": by} for grade in kept])
        _send(actor, activity, kept)
        tell_graded([grade.identity_id for grade in kept], activity)
    audit.record(actor, "comment_many", "activity", activity.id, count=len(changes))
    return len(changes)


def _longer(there: str, comment: str) -> str:
    whole = f"{there}\n\n{comment}".strip()
    if len(whole) > MAX_COMMENT:
        raise Invalid({"comment": _("Together with what is there it is too long for some pupils. Shorten it.")})
    return whole


def excuse_many(*, actor: Actor, activity: Activity, places: Sequence[Place], reason: str) -> int:
    """These pupils need not do it; who has a grade or a mark keeps it. Returns how many are newly excused."""
    ids = [place.identity_id for place in places]
    graded = {grade.identity_id for grade in _grades(activity, ids)} | marked(activity, ids)
    known = set(db.session.scalars(select(Excuse.identity_id).where(Excuse.activity_id == activity.id)))
    chosen = [one for one in ids if one not in graded | known]
    common = {"activity_id": activity.id, "by_id": actor.identity_id, "reason": reason, "created_at": utcnow()}
    insert_all_absent(Excuse, [{**common, "identity_id": one} for one in chosen])
    if chosen:
        audit.record(actor, "excuse", "activity", activity.id, count=len(chosen))
    return len(chosen)


def end_excuses(*, actor: Actor, activity: Activity, places: Sequence[Place]) -> int:
    """These pupils have to do it after all; returns how many were excused."""
    count = drop_excuses(activity.id, [place.identity_id for place in places])
    if count:
        audit.record(actor, "end_excuse", "activity", activity.id, count=count)
    return count


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


def _held_change(
    actor: Actor, activity: Activity, mark: Held, way: str, batch: GradeBatch | None, *, before: float | None
) -> dict[str, Any]:
    key: dict[str, Any] = {"activity_id": activity.id, "identity_id": mark.identity_id, "by_id": actor.identity_id}
    changed = change_row(way=way, before=before, points=mark.points, held=True, **key)
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
