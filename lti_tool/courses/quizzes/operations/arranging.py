"""A quiz as its teacher arranges it: which questions, in which order, for how many points; who has more time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.courses.models import Activity, Submission
from lti_tool.courses.quizzes.models import RUNNING, BankQuestion, QuestionPool, QuizAttempt, QuizExtra, QuizSlot
from lti_tool.courses.quizzes.operations.attempting import is_over
from lti_tool.courses.quizzes.queries import Standing, extras_of, slots_of
from lti_tool.courses.quizzes.settings import quiz_of
from lti_tool.people.actor import Actor

MAX_SLOTS = 200
MAX_DRAWS = 100


def add_questions(*, actor: Actor, activity: Activity, questions: Sequence[BankQuestion]) -> int:
    """Put questions of the course behind the last slot; those that are there already stay once. How many were new."""
    _refuse_when_begun(activity)
    there = slots_of(activity.id)
    known = {slot.question_id for slot in there}
    fresh = [question for question in questions if question.id not in known]
    _check_size(len(there) + len(fresh))
    for position, question in enumerate(fresh, start=_last(there) + 1):
        db.session.add(
            QuizSlot(activity_id=activity.id, position=position, question_id=question.id, points=question.points)
        )
    if fresh:
        audit.record(actor, "quiz.arrange", "activity", activity.id, added=[question.id for question in fresh])
    return len(fresh)


def add_draw(*, actor: Actor, activity: Activity, pool: QuestionPool, draws: int, points: float) -> None:
    """Draw questions at random from a pool. Raises Invalid when the pool has fewer."""
    _refuse_when_begun(activity)
    held = select(func.count()).where(BankQuestion.pool_id == pool.id, BankQuestion.deleted_at.is_(None))
    count = db.session.scalar(held) or 0
    if not 1 <= draws <= min(count, MAX_DRAWS):
        raise Invalid(
            {"draws": _("The pool has %(count)d questions: draw at least 1 and no more than these.", count=count)}
        )
    there = slots_of(activity.id)
    _check_size(len(there) + 1)
    slot = QuizSlot(activity_id=activity.id, position=_last(there) + 1, pool_id=pool.id, draws=draws, points=points)
    db.session.add(slot)
    db.session.flush()
    audit.record(actor, "quiz.arrange", "activity", activity.id, pool=pool.id, draws=draws)


def remove_slot(*, actor: Actor, activity: Activity, slot_id: int) -> None:
    """Take a slot out; the question stays in the bank."""
    _refuse_when_begun(activity)
    gone = delete(QuizSlot).where(QuizSlot.id == slot_id, QuizSlot.activity_id == activity.id)
    if execute(gone.execution_options(synchronize_session=False)).rowcount:
        audit.record(actor, "quiz.arrange", "activity", activity.id, removed=slot_id)


def order_slots(*, actor: Actor, activity: Activity, slot_ids: Sequence[int]) -> None:
    """Give the slots this order; those not named keep theirs behind them."""
    slots = {slot.id: slot for slot in slots_of(activity.id)}
    wanted = [slot_id for slot_id in dict.fromkeys(slot_ids) if slot_id in slots]
    wanted += [slot_id for slot_id in slots if slot_id not in wanted]
    if wanted == list(slots):
        return
    for position, slot_id in enumerate(wanted, start=1):
        slots[slot_id].position = position
    audit.record(actor, "quiz.arrange", "activity", activity.id, order=wanted)


def set_points(*, actor: Actor, activity: Activity, points: dict[int, float]) -> None:
    """What the questions of slots are worth. Attempts that are there keep the old points until they are marked anew."""
    changed = [slot for slot in slots_of(activity.id) if slot.id in points and slot.points != points[slot.id]]
    for slot in changed:
        slot.points = points[slot.id]
    if changed:
        audit.record(actor, "quiz.arrange", "activity", activity.id, points=[slot.id for slot in changed])


def give_extra(
    *, actor: Actor, activity: Activity, identity_id: int, minutes: int, attempts: int, closes_at: datetime | None
) -> None:
    """What one pupil has beyond the others; nothing of everything takes it away. A running attempt gets its time too."""
    extra = db.session.scalar(
        select(QuizExtra).where(QuizExtra.activity_id == activity.id, QuizExtra.identity_id == identity_id)
    )
    values = {"minutes": minutes, "attempts": attempts, "closes_at": closes_at}
    if extra is None:
        extra = QuizExtra(activity_id=activity.id, identity_id=identity_id)
        db.session.add(extra)
    for name, value in values.items():
        setattr(extra, name, value)
    if not any(values.values()):
        db.session.delete(extra)
    db.session.flush()
    move_deadlines(activity, identity_id)
    audit.record(actor, "quiz.extra", "activity", activity.id, identity=identity_id, minutes=minutes, attempts=attempts)


def move_deadlines(activity: Activity, identity_id: int | None = None) -> None:
    """Give attempts that run the end that follows from the dates and times as they are now; of one pupil, or of all.

    An end is only ever moved to later: a pupil who was promised so many minutes keeps them. An attempt that had no end at
    all was promised none, and gets the new one. What is over already stays over.
    """
    ours = [Submission.activity_id == activity.id, QuizAttempt.state == RUNNING]
    if identity_id is not None:
        ours.append(Submission.identity_id == identity_id)
    statement = select(QuizAttempt, Submission.identity_id).join(QuizAttempt.submission).where(*ours)
    locked = statement.with_for_update(of=[Submission, QuizAttempt]).execution_options(populate_existing=True)
    rows = db.session.execute(locked).all()
    extras = {extra.identity_id: extra for extra in extras_of(activity.id)} if rows else {}
    quiz = quiz_of(activity) if rows else None
    for attempt, owner in rows:
        assert quiz is not None
        end = Standing(quiz, extras.get(owner), []).deadline_from(attempt.started_at)
        if not is_over(attempt) and (attempt.deadline_at is None or end is None or end > attempt.deadline_at):
            attempt.deadline_at = end


def has_begun(activity: Activity) -> bool:
    """Has any pupil begun an attempt?"""
    begun = select(QuizAttempt.id).join(QuizAttempt.submission).where(Submission.activity_id == activity.id)
    return db.session.scalar(begun.limit(1)) is not None


def _refuse_when_begun(activity: Activity) -> None:
    if has_begun(activity):
        raise Conflict(
            _("Pupils have begun this quiz, so its questions can no longer be added or taken out."),
            _("You can still change questions, points and order, and then mark the attempts anew."),
        )


def _check_size(count: int) -> None:
    if count > MAX_SLOTS:
        raise Invalid({"questions": _("A quiz has at most %(count)d places for questions.", count=MAX_SLOTS)})


def _last(slots: Sequence[QuizSlot]) -> int:
    return max((slot.position for slot in slots), default=0)
