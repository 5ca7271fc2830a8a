"""How the host marks a work: points, a rubric, feedback; what is taken off for being late; back to be improved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import Outdated, step
from lti_tool.courses.access import WorkAccess
from lti_tool.courses.assignments import rubrics
from lti_tool.courses.assignments.lateness import Deduction, days_begun, deduction
from lti_tool.courses.assignments.models import DEDUCTED, Assignment, Mark, Rubric
from lti_tool.courses.assignments.queries import dates_for, work_record
from lti_tool.courses.assignments.rubrics import Criterion
from lti_tool.courses.assignments.settings import assignment_of
from lti_tool.courses.gradebook.history import change_row, drop_excuses, note_changes
from lti_tool.courses.gradebook.models import HAND
from lti_tool.courses.gradebook.waiting import note_settled
from lti_tool.courses.models import Activity, Grade, Submission
from lti_tool.courses.operations.grading import record_grade, require_gradable, where_it_counts
from lti_tool.courses.pupils import Pupil
from lti_tool.people.actor import Actor

MAX_REASON = 500


@dataclass(frozen=True)
class Reached:
    """What the rubric says of a work."""

    rubric: Rubric
    levels: Sequence[int]


def give_mark(
    *,
    actor: Actor | None,
    activity: Activity,
    pupil: Pupil,
    points: float | None,
    comment: str,
    seen: int,
    reached: Reached | None = None,
    reason: str = "",
    way: str = HAND,
) -> Grade | None:
    """Mark a work; the grade that becomes of it, or None while grades are held back.

    `points` None: those of the rubric. Others than the rubric's need a reason. Raises Invalid, and Outdated like give_grade.
    """
    assignment, submission = assignment_of(activity), _submission(activity, pupil)
    values = {**_judged(activity, points, reached, reason), "comment": comment}
    require_gradable(activity, pupil, values["points"])
    taken = late_deduction(assignment, activity, pupil, submission, values["points"])
    values |= {"days_late": taken.days, "deduction": taken.points}
    mark = _hold(activity, pupil)
    again = submission is not None and submission.waits_again
    if mark is not None and not again and all(getattr(mark, name) == value for name, value in values.items()):
        return _grade(activity, pupil)
    values |= {"graded_by_id": actor.identity_id if actor else None, "graded_at": utcnow()}
    before = (mark.final, mark.comment) if mark else (None, "")
    mark = _write(mark or _new_mark(activity, pupil), seen, values)
    if submission is not None:
        submission.waits_again = False
    note_settled(activity.id, [pupil.identity.id])
    if assignment.holds_back:
        _hold_back(actor, mark, way, before)
        return None
    return _tell(actor, activity, pupil, mark, way)


def _judged(activity: Activity, points: float | None, reached: Reached | None, reason: str) -> dict[str, Any]:
    """The mark's points, and what the rubric says of them. Raises Invalid without points, or without a needed reason."""
    reckoned = _reckon(activity, reached)
    points = reckoned if points is None else points
    if points is None:
        raise Invalid({"points": _("Write the points first.")})
    differs = reckoned is not None and points != reckoned
    if differs and not reason.strip():
        raise Invalid({"reason": _("Say in a few words why the points differ from the rubric's.")})
    return {
        "points": points,
        "rubric_id": reached.rubric.id if reached else None,
        "levels": list(reached.levels) if reached else [],
        "reckoned": reckoned,
        "reason": reason.strip()[:MAX_REASON] if differs else "",
    }


def _new_mark(activity: Activity, pupil: Pupil) -> Mark:
    mark = Mark(activity_id=activity.id, identity_id=pupil.identity.id, version=0, released_at=None)
    mark.participation_id = where_it_counts(activity, pupil)
    return mark


def _write(mark: Mark, seen: int, values: Mapping[str, Any]) -> Mark:
    """The next version of the mark, or the first one of one not stored yet. Raises Outdated."""
    if mark.id is not None:
        step(mark, seen, **values)
        return mark
    if seen != mark.version:
        raise Outdated
    for name, value in {**values, "version": 1}.items():
        setattr(mark, name, value)
    db.session.add(mark)
    return mark


def _hold_back(actor: Actor | None, mark: Mark, way: str, before: tuple[float | None, str]) -> None:
    """Nobody is told yet; it ends an excuse all the same, and is written down for who may grade."""
    mark.released_at = None
    db.session.flush()
    changed = change_row(
        activity_id=mark.activity_id,
        identity_id=mark.identity_id,
        by_id=mark.graded_by_id,
        way=way,
        before=before[0],
        points=mark.final,
        held=True,
    )
    note_changes([{**changed, "comment_changed": mark.comment != before[1]}])
    drop_excuses(mark.activity_id, [mark.identity_id])
    audit.record(actor, "mark", "activity", mark.activity_id, identity=mark.identity_id)


def _tell(actor: Actor | None, activity: Activity, pupil: Pupil, mark: Mark, way: str) -> Grade:
    """The mark becomes a grade now."""
    mark.released_at = utcnow()
    given = _grade(activity, pupil)
    seen = given.version if given else 0
    grade = record_grade(
        actor=actor, activity=activity, pupil=pupil, points=mark.final, comment=mark.comment, seen=seen, way=way
    )
    grade.version = mark.version
    db.session.flush()
    return grade


def _reckon(activity: Activity, reached: Reached | None) -> float | None:
    if reached is None:
        return None
    assert activity.points is not None
    return rubrics.reckon(rubrics.read(reached.rubric.criteria), reached.levels, activity.points)


def late_deduction(
    assignment: Assignment, activity: Activity, pupil: Pupil, submission: Submission | None, points: float
) -> Deduction:
    """What the late rule takes off these points of this pupil."""
    if assignment.late_rule != DEDUCTED or submission is None:
        return Deduction()
    dates = dates_for(assignment, activity, pupil.identity.id, submission.participation_id)
    days = days_begun(submission.handed_in_at, dates.due_at)
    return deduction(points, days, per_day=assignment.late_percent, most=assignment.late_most)


def _hold(activity: Activity, pupil: Pupil) -> Mark | None:
    statement = select(Mark).where(Mark.activity_id == activity.id, Mark.identity_id == pupil.identity.id)
    return db.session.scalar(statement.with_for_update(of=Mark))


def _grade(activity: Activity, pupil: Pupil) -> Grade | None:
    return db.session.scalar(
        select(Grade).where(Grade.activity_id == activity.id, Grade.identity_id == pupil.identity.id)
    )


def _submission(activity: Activity, pupil: Pupil) -> Submission | None:
    return db.session.scalar(
        select(Submission).where(Submission.activity_id == activity.id, Submission.identity_id == pupil.identity.id)
    )


def return_work(*, actor: Actor, access: WorkAccess, why: str) -> None:
    """Give a work back to be improved: the pupil may hand in again until it closes. Twice is once.

    Raises Invalid without a comment, Conflict when the assignment does not allow it or nothing was handed in.
    """
    activity = access.the_activity
    if not assignment_of(activity).improves:
        raise Conflict(
            _("Works of this assignment cannot be returned."), _("Allow it in the assignment's settings first.")
        )
    submission = _submission(activity, access.the_pupil)
    record = work_record(submission.id) if submission else None
    if record is None:
        raise Conflict(_("Nothing has been handed in yet."), _("Go back to the list."))
    if not why.strip():
        raise Invalid({"why": _("Write what can be better, so that the pupil knows what to do.")})
    if record.returned_at is not None and record.returned_why == why.strip():
        return
    record.returned_at, record.returned_by_id, record.returned_why = utcnow(), actor.identity_id, why.strip()
    db.session.flush()
    audit.record(actor, "return_work", "submission", record.submission_id)


def save_rubric(*, actor: Actor, activity: Activity, criteria: Sequence[Criterion], seen: int) -> None:
    """Put these criteria into force: a new version where somebody was graded by the last one. None: points alone.

    `seen` is the number of the version that was looked at, 0 for none. Raises Outdated, Invalid.
    """
    assignment = db.session.scalars(
        select(Assignment).where(Assignment.activity_id == activity.id).with_for_update(of=Assignment)
    ).one()
    current = assignment.rubric
    written = rubrics.written(criteria)
    if (current.criteria if current else []) == written:
        return
    if (current.number if current else 0) != seen:
        raise Outdated
    if not criteria:
        assignment.rubric = None
    else:
        rubrics.check(criteria)
        assignment.rubric = _next_rubric(actor, activity, current, written)
    db.session.flush()
    audit.record(actor, "rubric", "activity", activity.id, criteria=len(criteria))


def _next_rubric(actor: Actor, activity: Activity, current: Rubric | None, written: list[dict[str, object]]) -> Rubric:
    used = current is not None and db.session.scalar(select(exists().where(Mark.rubric_id == current.id)))
    if current is not None and not used:
        current.criteria = written
        return current
    last = db.session.scalar(
        select(Rubric.number).where(Rubric.activity_id == activity.id).order_by(Rubric.number.desc()).limit(1)
    )
    return Rubric(activity_id=activity.id, number=(last or 0) + 1, criteria=written, made_by_id=actor.identity_id)
