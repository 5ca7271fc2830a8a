"""From marks to the grade: what an attempt brought, which attempts count, and the grade on its way home."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.gradebook.models import QUIZ
from lti_tool.courses.models import Activity, Grade, Submission
from lti_tool.courses.operations.grading import give_grade
from lti_tool.courses.quizzes.models import FINISHED, Quiz, QuizAttempt, QuizResponse
from lti_tool.courses.quizzes.queries import attempts_of, pupil_of
from lti_tool.courses.quizzes.reckoning import Tried, grade_points, reckoned


def settle(*, submission: Submission) -> float | None:
    """Sum up the finished attempts and give the grade that follows, in the same transaction; the share that counts.

    A grade that a teacher gave in the gradebook stays: a person's decision is not undone by a machine.
    """
    attempts = [attempt for attempt in attempts_of(submission.id) if attempt.state == FINISHED]
    for attempt in attempts:
        attempt.points = _sum(attempt)
    db.session.flush()
    activity = submission.activity
    quiz = db.session.get_one(Quiz, activity.id)
    share = reckoned([tried(attempt) for attempt in attempts], quiz.counts)
    if share is not None and activity.points is not None:
        _give(activity, submission, grade_points(share, activity.points))
    return share


def tried(attempt: QuizAttempt) -> Tried:
    """The attempt as it is reckoned with."""
    return Tried(attempt.number, attempt.points, attempt.maximum)


def passed(quiz: Quiz, share: float | None) -> bool | None:
    """Did it reach what is needed? None: nothing is needed, or nothing is known yet."""
    if quiz.pass_percent is None or share is None:
        return None
    return share * 100 >= quiz.pass_percent - 1e-6


def _sum(attempt: QuizAttempt) -> float | None:
    statement = select(QuizResponse.fraction, QuizResponse.maximum).where(QuizResponse.attempt_id == attempt.id)
    rows = db.session.execute(statement).all()
    if any(fraction is None for fraction, _maximum in rows):
        return None
    return float(round(sum(fraction * maximum for fraction, maximum in rows), 4))


def _give(activity: Activity, submission: Submission, points: float) -> None:
    grade = db.session.scalar(
        select(Grade).where(Grade.activity_id == activity.id, Grade.identity_id == submission.identity_id)
    )
    if grade is not None and (grade.graded_by_id is not None or grade.points == points):
        return
    give_grade(
        actor=None,
        activity=activity,
        pupil=pupil_of(submission),
        points=points,
        comment=grade.comment if grade else "",
        seen=grade.version if grade else 0,
        way=QUIZ,
    )
