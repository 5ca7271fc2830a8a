"""Mark all attempts of a quiz anew, by its questions, their points and the attempts that count as they are now.

First a preview of who would change; then the same in a few statements, whatever the number of pupils. What a person marked
stays, and so does a grade that a teacher gave in the gradebook.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.courses.models import Activity, Grade, Submission
from lti_tool.courses.operations.grading import record_new_points
from lti_tool.courses.quizzes.models import (
    DONE,
    DOUBTFUL,
    FINISHED,
    NEEDED,
    NONE,
    QuestionVersion,
    Quiz,
    QuizAttempt,
    QuizResponse,
    QuizSlot,
)
from lti_tool.courses.quizzes.operations.settling import passed, settle
from lti_tool.courses.quizzes.queries import newest_versions
from lti_tool.courses.quizzes.questions import Content, Mark, restored
from lti_tool.courses.quizzes.questions.carrying import carried
from lti_tool.courses.quizzes.reckoning import Tried, grade_points, reckoned
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class Change:
    """What becomes of one pupil."""

    submission_id: int
    identity_id: int
    before: float | None
    """The share that counted, 0 to 1."""
    after: float | None


@dataclass
class Plan:
    """What marking anew would do."""

    responses: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    not_comparable: int = 0
    """Answers that keep their marks, since the question has changed too much."""
    total: int = 0
    """Pupils with a finished attempt."""
    done: list[int] = field(default_factory=list)
    """Submissions that have reached what is asked for."""


def plan(activity: Activity) -> Plan:
    """What would change, reckoned without changing anything."""
    found = Plan()
    marking = _Marking(activity.id)
    sums: dict[int, list[tuple[float | None, float]]] = {}
    for row in db.session.execute(_RESPONSES, {"activity": activity.id}):
        fraction, values = marking.mark(row, found)
        if values:
            found.responses.append(values)
        sums.setdefault(row.attempt_id, []).append((fraction, marking.points.get(row.slot_id, row.maximum)))
    _reckon(activity, sums, found)
    return found


def regrade(*, actor: Actor, activity: Activity) -> Plan:
    """Do what the plan says; twice changes nothing more."""
    locked = select(Submission.id).where(Submission.activity_id == activity.id).order_by(Submission.id)
    db.session.execute(locked.with_for_update())
    found = plan(activity)
    if found.responses:
        run(_MARK, found.responses)
    if found.attempts:
        run(_SUM, found.attempts)
    _grade(actor, activity, found)
    audit.record(
        actor, "quiz.regrade", "activity", activity.id, pupils=len(found.changes), answers=len(found.responses)
    )
    return found


class _Marking:
    """Marks answers; the same answer to the same version once."""

    def __init__(self, activity_id: int) -> None:
        slots = db.session.execute(select(QuizSlot.id, QuizSlot.points).where(QuizSlot.activity_id == activity_id))
        self.points: dict[int, float] = {row.id: row.points for row in slots}
        self.versions: dict[int, Content] = {}
        self.newest: dict[int, tuple[int, Content]] = {}
        self.known: dict[tuple[int, str], tuple[Mark, int] | None] = {}
        self._load(activity_id)

    def _load(self, activity_id: int) -> None:
        ids = (
            select(QuizResponse.version_id)
            .join(QuizSlot, QuizSlot.id == QuizResponse.slot_id)
            .where(QuizSlot.activity_id == activity_id)
        )
        statement = select(QuestionVersion.id, QuestionVersion.question_id, QuestionVersion.kept)
        rows = db.session.execute(statement.where(QuestionVersion.id.in_(ids))).all()
        self.versions = {row.id: restored(row.kept) for row in rows}
        for question_id, version in newest_versions([row.question_id for row in rows]).items():
            self.newest[question_id] = (version.id, version.content)

    def mark(self, row: Any, found: Plan) -> tuple[float | None, dict[str, Any] | None]:
        """The answer's fraction, and what to write when anything differs."""
        maximum = self.points.get(row.slot_id, row.maximum)
        values = {"response": row.id, "new_fraction": row.fraction, "new_state": row.to_mark, "marks": row.marks_id}
        if row.to_mark != DONE:
            marked = self._marked(row)
            if marked is None:
                found.not_comparable += 1
            else:
                mark, version_id = marked
                state = NEEDED if mark.fraction is None else DOUBTFUL if mark.doubtful else NONE
                marks = None if version_id == row.version_id else version_id
                values |= {"new_fraction": mark.fraction, "new_state": state, "marks": marks}
        same = (values["new_fraction"], values["new_state"], values["marks"], maximum) == (
            row.fraction,
            row.to_mark,
            row.marks_id,
            row.maximum,
        )
        return values["new_fraction"], None if same else values | {"new_maximum": maximum}

    def _marked(self, row: Any) -> tuple[Mark, int] | None:
        key = (row.version_id, json.dumps(row.answer))
        if key not in self.known:
            version_id, content = self.newest[row.question_id]
            answer = row.answer
            if version_id != row.version_id and answer:
                answer = carried(self.versions[row.version_id], content, answer)
            self.known[key] = None if answer is None else (content.mark(answer), version_id)
        return self.known[key]


def _reckon(activity: Activity, sums: Mapping[int, list[tuple[float | None, float]]], found: Plan) -> None:
    quiz = db.session.get_one(Quiz, activity.id)
    before: dict[tuple[int, int], list[Tried]] = {}
    after: dict[tuple[int, int], list[Tried]] = {}
    for row in db.session.execute(_ATTEMPTS, {"activity": activity.id}):
        parts = sums.get(row.id, [])
        open_ = any(fraction is None for fraction, _maximum in parts)
        points = None if open_ else round(sum((fraction or 0.0) * maximum for fraction, maximum in parts), 4)
        maximum = sum(maximum for _fraction, maximum in parts)
        if (points, maximum) != (row.points, row.maximum):
            found.attempts.append({"attempt": row.id, "new_points": points, "new_maximum": maximum})
        key = (row.submission_id, row.identity_id)
        before.setdefault(key, []).append(Tried(row.number, row.points, row.maximum))
        after.setdefault(key, []).append(Tried(row.number, points, maximum))
    found.total = len(after)
    grades = _grades_of(activity)
    for (submission_id, identity_id), attempts in after.items():
        now = reckoned(attempts, quiz.counts)
        if quiz.pass_percent is not None and passed(quiz, now):
            found.done.append(submission_id)
        was = reckoned(before[submission_id, identity_id], quiz.counts)
        if activity.points is not None:
            grade = grades.get(identity_id)
            if grade is not None and (grade.graded_by_id is not None or now is None):
                continue  # a person's grade, or one that waits for a mark, stays
            same = grade is not None and now is not None and grade.points == grade_points(now, activity.points)
            was = now if same else None if grade is None else grade.points / activity.points
        if was != now:
            found.changes.append(Change(submission_id, identity_id, was, now))


def _grades_of(activity: Activity) -> dict[int, Any]:
    statement = select(Grade.identity_id, Grade.points, Grade.graded_by_id).where(Grade.activity_id == activity.id)
    return {row.identity_id: row for row in db.session.execute(statement)}


def _grade(actor: Actor, activity: Activity, found: Plan) -> None:
    """Grades that are there are changed together; the few that begin to exist one by one."""
    if found.done:
        now = utcnow()
        run(_DONE, [{"submission": submission_id, "now": now} for submission_id in found.done])
    if activity.points is None or not found.changes:
        return
    graded = _grades_of(activity)
    known = {
        change.identity_id: grade_points(change.after, activity.points)
        for change in found.changes
        if change.after is not None and change.identity_id in graded
    }
    record_new_points(actor=actor, activity=activity, points=known)
    fresh = [change for change in found.changes if change.after is not None and change.identity_id not in graded]
    for change in fresh:
        settle(submission=db.session.get_one(Submission, change.submission_id))


_RESPONSES = (
    select(
        QuizResponse.id,
        QuizResponse.attempt_id,
        QuizResponse.slot_id,
        QuizResponse.version_id,
        QuizResponse.marks_id,
        QuizResponse.answer,
        QuizResponse.fraction,
        QuizResponse.maximum,
        QuizResponse.to_mark,
        QuestionVersion.question_id,
    )
    .join(QuizResponse.attempt)
    .join(QuizResponse.asked)
    .join(QuizAttempt.submission)
    .where(Submission.activity_id == bindparam("activity"), QuizAttempt.state == FINISHED)
)
_ATTEMPTS = (
    select(
        QuizAttempt.id,
        QuizAttempt.submission_id,
        QuizAttempt.number,
        QuizAttempt.points,
        QuizAttempt.maximum,
        Submission.identity_id,
    )
    .join(QuizAttempt.submission)
    .where(Submission.activity_id == bindparam("activity"), QuizAttempt.state == FINISHED)
    .order_by(QuizAttempt.id)
)
_responses, _attempts, _submissions = table_of(QuizResponse), table_of(QuizAttempt), table_of(Submission)
_MARK = (
    update(_responses)
    .where(_responses.c.id == bindparam("response"))
    .values(
        fraction=bindparam("new_fraction"),
        to_mark=bindparam("new_state"),
        marks_id=bindparam("marks"),
        maximum=bindparam("new_maximum"),
    )
)
_SUM = (
    update(_attempts)
    .where(_attempts.c.id == bindparam("attempt"))
    .values(points=bindparam("new_points"), maximum=bindparam("new_maximum"))
)
_DONE = (
    update(_submissions)
    .where(_submissions.c.id == bindparam("submission"), _submissions.c.done_at.is_(None))
    .values(done_at=bindparam("now"))
)
