"""What a pupil does: begin, answer, hand in. Only the server's clock counts, and everything may be sent twice.

Whoever changes an attempt holds its submission's row first, so that saving, handing in, the end of the time and a teacher's
mark come one after the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.models import Submission
from lti_tool.courses.operations.submissions import mark_done, own_submission
from lti_tool.courses.quizzes.models import (
    DOUBTFUL,
    FINISHED,
    GRACE,
    NEEDED,
    NONE,
    RUNNING,
    BankQuestion,
    QuestionVersion,
    Quiz,
    QuizAttempt,
    QuizResponse,
)
from lti_tool.courses.quizzes.operations.settling import settle
from lti_tool.courses.quizzes.queries import (
    Standing,
    newest_versions,
    responses_of,
    slots_of,
    standing_of,
)
from lti_tool.courses.quizzes.questions import Content, Sent
from lti_tool.people.actor import Actor


class Saved(NamedTuple):
    """What became of answers that were sent."""

    attempt: QuizAttempt
    over: bool
    """The time is over, or it was handed in: nothing was taken."""


def start_attempt(*, actor: Actor, access: ActivityAccess) -> QuizAttempt:
    """The pupil's running attempt, a new one when there is none. Raises Conflict when none may begin.

    Whether the activity is open to the pupil has been judged by `activity.work`.
    """
    activity = access.the_activity
    assert actor.identity_id is not None
    submission = own_submission(actor, access)
    standing = standing_of(activity, actor.identity_id)
    running = standing.running
    if running is not None and not is_over(running):
        return running
    if running is not None:
        finish(actor=actor, attempt=running)
        standing = standing_of(activity, actor.identity_id)
    _refuse_to_begin(standing)
    now = utcnow()
    attempt = QuizAttempt(
        submission_id=submission.id,
        number=len(standing.attempts) + 1,
        state=RUNNING,
        started_at=now,
        deadline_at=standing.deadline_from(now),
        version=1,
        responses=_drawn(standing.quiz, Random(secrets.randbits(64))),
    )
    attempt.maximum = sum(response.maximum for response in attempt.responses)
    db.session.add(attempt)
    db.session.flush()
    audit.record(actor, "quiz.begin", "quiz_attempt", attempt.id, activity=activity.id, number=attempt.number)
    return attempt


def _refuse_to_begin(standing: Standing) -> None:
    if standing.closed:
        raise Conflict(_("The quiz is closed."), _("Ask the teacher of the course if you need more time."))
    if standing.left == 0:
        raise Conflict(_("You have used all your attempts."))


class _Draw(NamedTuple):
    """A question for one attempt."""

    slot_id: int
    points: float
    question_id: int


def _drawn(quiz: Quiz, random: Random) -> list[QuizResponse]:
    """The questions of a new attempt with the order of their options."""
    draws = _draws(quiz.activity_id, random)
    if quiz.shuffle_questions:
        random.shuffle(draws)
    versions = newest_versions([draw.question_id for draw in draws])
    if not draws:
        raise Conflict(_("This quiz has no questions yet."), _("Ask the teacher of the course."))
    return [
        QuizResponse(
            slot_id=draw.slot_id,
            position=position,
            version_id=versions[draw.question_id].id,
            maximum=draw.points,
            order=versions[draw.question_id].content.order(random, quiz.shuffle_options),
            answer=[],
            to_mark=NONE,
        )
        for position, draw in enumerate(draws, start=1)
    ]


def _draws(activity_id: int, random: Random) -> list[_Draw]:
    slots = slots_of(activity_id)
    taken = {slot.question_id for slot in slots if slot.question_id is not None}
    pools = _pools([slot.pool_id for slot in slots if slot.pool_id is not None])
    draws = []
    for slot in slots:
        if slot.question_id is not None:
            draws.append(_Draw(slot.id, slot.points, slot.question_id))
        elif slot.pool_id is not None:
            free = [question for question in pools.get(slot.pool_id, []) if question not in taken]
            picked = random.sample(free, min(slot.draws, len(free)))
            taken.update(picked)
            draws += [_Draw(slot.id, slot.points, question) for question in picked]
    return draws


def _pools(ids: Sequence[int]) -> dict[int, list[int]]:
    statement = (
        select(BankQuestion.pool_id, BankQuestion.id)
        .where(BankQuestion.pool_id.in_(ids), BankQuestion.deleted_at.is_(None))
        .order_by(BankQuestion.id)
    )
    pools: dict[int, list[int]] = {}
    for pool_id, question_id in db.session.execute(statement):
        pools.setdefault(pool_id, []).append(question_id)
    return pools


def save_answers(*, attempt: QuizAttempt, positions: Sequence[int], sent: Sent, seen: int, tab: str) -> Saved:
    """Keep the answers of these questions; fields not sent are taken as emptied. Raises Outdated when another tab saved
    something this one has not seen. The first answers after the end close the attempt instead."""
    hold(attempt)
    if attempt.state != RUNNING:
        return Saved(attempt, over=True)
    if is_over(attempt):
        finish(actor=None, attempt=attempt)
        return Saved(attempt, over=True)
    changed = []
    for response in responses_of(attempt):
        if response.position in positions:
            answer = response.asked.content.read(f"q{response.position}", sent, response.order)
            if answer != response.answer:
                changed.append((response, answer))
    if not changed:
        return Saved(attempt, over=False)
    if attempt.version != seen and attempt.tab != tab:
        raise Outdated
    for response, answer in changed:
        response.answer, response.answered_at = answer, utcnow()
    attempt.tab = tab
    attempt.version += 1
    db.session.flush()
    return Saved(attempt, over=False)


def is_over(attempt: QuizAttempt, now: datetime | None = None) -> bool:
    """Is the attempt's time over, the grace for what is on its way included?"""
    return attempt.deadline_at is not None and (now or utcnow()) > attempt.deadline_at + GRACE


def finish(*, actor: Actor | None, attempt: QuizAttempt) -> QuizAttempt:
    """Hand in, or close what is over (`actor` None): every answer is marked, and what counts becomes the grade.

    Part of one transaction; a second time changes nothing.
    """
    submission = hold(attempt)
    if attempt.state != RUNNING:
        return attempt
    now = utcnow()
    attempt.overdue = actor is None or is_over(attempt, now)
    attempt.state = FINISHED
    attempt.finished_at = min(now, attempt.deadline_at) if attempt.deadline_at else now
    for response in responses_of(attempt):
        mark_by_itself(response, response.asked)
    submission.handed_in_at = attempt.finished_at
    submission.version += 1
    mark_done(submission)
    db.session.flush()
    audit.record(actor, "quiz.finish", "quiz_attempt", attempt.id, overdue=attempt.overdue)
    settle(submission=submission)
    return attempt


def mark_by_itself(response: QuizResponse, version: QuestionVersion) -> None:
    """Mark an answer as its question says."""
    content: Content = version.content
    mark = content.mark(response.answer)
    response.fraction = mark.fraction
    response.to_mark = NEEDED if mark.fraction is None else DOUBTFUL if mark.doubtful else NONE


def close_if_over(attempt_id: int) -> bool:
    """Close an attempt whose time and grace are over; False when there is nothing to close."""
    attempt = db.session.get(QuizAttempt, attempt_id)
    if attempt is None:
        return False
    hold(attempt)
    if attempt.state != RUNNING or not is_over(attempt):
        return False
    finish(actor=None, attempt=attempt)
    return True


def hold(attempt: QuizAttempt) -> Submission:
    """The attempt's submission, locked until the end of the unit of work; both are read anew."""
    statement = select(Submission).where(Submission.id == attempt.submission_id).with_for_update(of=Submission)
    submission = db.session.scalars(statement.execution_options(populate_existing=True)).one()
    db.session.refresh(attempt)
    return submission
