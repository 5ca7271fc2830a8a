"""What quizzes hold about a person: attempts and answers of pupils, more time they were given, marks teachers gave."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from lti_tool.courses.models import Activity, Submission
from lti_tool.courses.quizzes.models import QuestionPicture, QuestionVersion, QuizAttempt, QuizExtra, QuizResponse
from lti_tool.files.belongings import outlives
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import holds, mentions

_QUIZ, _NUMBER = _l("Quiz"), _l("Attempt")


def register() -> None:
    """Tell what is held. Answers before the attempts they belong to."""
    holds(
        QuizResponse.attempt_id,
        _l("Answers in quizzes"),
        told=select(_quiz().label("quiz"), _number(), _asked(), QuizResponse.answer, QuizResponse.comment).add_columns(
            QuizResponse.answered_at, QuizResponse.fraction
        ),
        words={
            "quiz": _QUIZ,
            "number": _NUMBER,
            "asked": _l("Question"),
            "answer": _l("Answer"),
            "comment": _l("Comment"),
            "answered_at": _l("When"),
            "fraction": _l("Part of the points"),
        },
        said={"answer": "; ".join},
    )
    holds(
        QuizAttempt.submission_id,
        _l("Attempts at quizzes"),
        told=select(_of_submission(QuizAttempt.submission_id).label("quiz"), QuizAttempt.number).add_columns(
            QuizAttempt.started_at, QuizAttempt.finished_at, QuizAttempt.points, QuizAttempt.maximum
        ),
        words={
            "quiz": _QUIZ,
            "number": _NUMBER,
            "started_at": _l("Begun"),
            "finished_at": _l("Handed in"),
            "points": _l("Points"),
            "maximum": _l("out of"),
        },
    )
    holds(
        QuizExtra.identity_id,
        _l("More time or attempts in quizzes"),
        told=select(
            select(Activity.title).where(Activity.id == QuizExtra.activity_id).scalar_subquery().label("quiz"),
            QuizExtra.minutes,
            QuizExtra.attempts,
            QuizExtra.closes_at,
        ),
        words={
            "quiz": _QUIZ,
            "minutes": _l("More minutes"),
            "attempts": _l("More attempts"),
            "closes_at": _l("Closes later, at"),
        },
    )
    # pictures are the course's, whoever brought them
    outlives("quiz")
    mentions(QuestionPicture.file_id, _l("Pictures of questions"), ACTS)
    mentions(QuizResponse.marked_by_id, _l("Answers in quizzes the person marked"), ACTS)


def _of_submission(submission_id: object) -> ColumnElement[str]:
    of_submission = select(Activity.title).join(Submission, Submission.activity_id == Activity.id)
    return of_submission.where(Submission.id == submission_id).scalar_subquery()


def _quiz() -> ColumnElement[str]:
    of_attempt = (
        select(Activity.title)
        .join(Submission, Submission.activity_id == Activity.id)
        .join(QuizAttempt, QuizAttempt.submission_id == Submission.id)
    )
    return of_attempt.where(QuizAttempt.id == QuizResponse.attempt_id).scalar_subquery()


def _number() -> ColumnElement[int]:
    attempt = select(QuizAttempt.number).where(QuizAttempt.id == QuizResponse.attempt_id)
    return attempt.scalar_subquery().label("number")


def _asked() -> ColumnElement[str]:
    kept = select(QuestionVersion.kept["text"].as_string()).where(QuestionVersion.id == QuizResponse.version_id)
    return kept.scalar_subquery().label("asked")
