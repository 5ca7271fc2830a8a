"""All marks of an assignment become grades at once, in a few statements whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import bindparam, insert, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, run, table_of, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.courses.assignments.models import Assignment, Mark
from lti_tool.courses.gradebook.history import change_row, note_changes
from lti_tool.courses.gradebook.models import RELEASED
from lti_tool.courses.models import Activity, Grade, Participation, ScaleTreaty
from lti_tool.courses.operations.grading import hold_treaties, home_values, tell_graded
from lti_tool.courses.queries.work import TO_GRADE, work_counts
from lti_tool.grades.operations import Given, record_scores
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity

_marks, _grades = table_of(Mark), table_of(Grade)
_CHANGE = (
    update(_grades)
    .where(_grades.c.id == bindparam("grade"))
    .values({name: bindparam(f"new_{name}") for name in ("points", "comment", "graded_by_id", "graded_at")})
    .values({name: bindparam(f"new_{name}") for name in ("home_value", "home_maximum", "treaty_id", "version")})
)


def release(*, actor: Actor, activity: Activity) -> int:
    """Tell pupils and gradebooks all marks that wait, and from now on each at once; how many. Once more tells nothing.

    Raises Conflict when none waits, and while names are hidden also before all works have one: names come out with it.
    """
    assignment = db.session.scalars(
        select(Assignment).where(Assignment.activity_id == activity.id).with_for_update(of=Assignment)
    ).one()
    if assignment.released_at is not None:
        return 0
    marks = _waiting(activity)
    _check_ready(assignment, activity, marks)
    treaties = hold_treaties({mark["participation_id"] for mark in marks})
    rows = [_graded(activity, mark, treaties.get(mark["participation_id"])) for mark in marks]
    _note(actor, activity, rows)
    _store(activity, rows)
    now = utcnow()
    told = update(Mark).where(Mark.activity_id == activity.id, Mark.released_at.is_(None)).values(released_at=now)
    execute(told.execution_options(synchronize_session=False))
    assignment.released_at, assignment.released_by_id = now, actor.identity_id
    db.session.flush()
    _deliver(actor, activity, rows)
    if rows:
        tell_graded([row["identity_id"] for row in rows], activity)
    audit.record(actor, "release_grades", "activity", activity.id, count=len(rows))
    return len(rows)


def _check_ready(assignment: Assignment, activity: Activity, marks: Sequence[dict[str, Any]]) -> None:
    if not marks:
        raise Conflict(_("No grade waits to be released."), _("Grade the works first."))
    left = work_counts(activity)[TO_GRADE] if assignment.anonymous else 0
    if left:
        raise Conflict(
            ngettext("%(num)d work has no grade yet.", "%(num)d works have no grade yet.", left),
            _("Grade every work that was handed in first: the names appear with the release."),
        )


def _waiting(activity: Activity) -> list[dict[str, Any]]:
    """Marks not told yet, with the context of their class; not of people who were erased."""
    statement = (
        select(_marks, Participation.context_id)
        .join(Participation, Participation.id == _marks.c.participation_id)
        .join(Identity, Identity.id == _marks.c.identity_id)
        .where(_marks.c.activity_id == activity.id, _marks.c.released_at.is_(None), Identity.erased_at.is_(None))
        .order_by(_marks.c.id)
    )
    return [dict(row._mapping) for row in db.session.execute(statement)]


def _graded(activity: Activity, mark: dict[str, Any], treaty: ScaleTreaty | None) -> dict[str, Any]:
    points = round(mark["points"] - mark["deduction"], 2)
    taken = ("identity_id", "participation_id", "context_id", "comment", "graded_by_id", "graded_at", "version")
    home = home_values(treaty, points, activity)
    return {**{name: mark[name] for name in taken}, **home, "activity_id": activity.id, "points": points}


def _note(actor: Actor, activity: Activity, rows: Sequence[dict[str, Any]]) -> None:
    """The history of each cell, before anything changes."""
    there = select(Grade.identity_id, Grade.points).where(Grade.activity_id == activity.id)
    before = dict(db.session.execute(there).tuples().all())
    changes = [
        change_row(
            activity_id=activity.id,
            identity_id=row["identity_id"],
            by_id=actor.identity_id,
            way=RELEASED,
            before=before.get(row["identity_id"]),
            points=row["points"],
            home=(row["home_value"], row["home_maximum"]),
        )
        for row in rows
    ]
    note_changes(changes)


def _store(activity: Activity, rows: Sequence[dict[str, Any]]) -> None:
    statement = select(Grade.identity_id, Grade.id).where(Grade.activity_id == activity.id)
    there = dict(db.session.execute(statement).tuples().all())
    now = utcnow()
    fresh = [
        {**{name: value for name, value in row.items() if name != "context_id"}, "created_at": now}
        for row in rows
        if row["identity_id"] not in there
    ]
    old = [
        {"grade": there[row["identity_id"]], **{f"new_{name}": value for name, value in row.items()}}
        for row in rows
        if row["identity_id"] in there
    ]
    keys = {"grade"} | {name for name in _CHANGE.compile().params if name.startswith("new_")}
    if fresh:
        run(insert(_grades), fresh)
    if old:
        run(_CHANGE, [{name: value for name, value in row.items() if name in keys} for row in old])
    db.session.expire_all()


def _deliver(actor: Actor, activity: Activity, rows: Sequence[dict[str, Any]]) -> None:
    by_context: dict[tuple[int, Any, bool], list[Given]] = defaultdict(list)
    for row in rows:
        agreed = row["home_maximum"] is not None
        assert activity.points is not None
        maximum = row["home_maximum"] if agreed else activity.points
        given = Given(
            row["identity_id"], row["home_value"] if agreed else row["points"], row["comment"], row["graded_at"]
        )
        by_context[row["context_id"], maximum, agreed].append(given)
    for (context_id, maximum, agreed), given_here in by_context.items():
        record_scores(
            actor=actor,
            context_id=context_id,
            resource_id=activity.resource_id,
            label=activity.title,
            maximum=maximum,
            agreed=agreed,
            scores=given_here,
        )
