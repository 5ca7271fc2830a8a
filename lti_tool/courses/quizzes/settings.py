"""What a teacher decides about how a quiz is taken."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from lti_tool.core.db import db
from lti_tool.courses.models import Activity
from lti_tool.courses.quizzes.models import AFTER, BEST, CLOSED, FEEDBACK, MARKS, RIGHT, Quiz

USUALLY_SHOWN = (f"{AFTER}-{MARKS}", f"{CLOSED}-{MARKS}", f"{CLOSED}-{RIGHT}", f"{CLOSED}-{FEEDBACK}")


@dataclass(frozen=True)
class QuizSettings:
    """See models.Quiz."""

    attempts: int = 1
    counts: str = BEST
    minutes: int | None = None
    pass_percent: int | None = None
    per_page: int = 1
    shuffle_questions: bool = False
    shuffle_options: bool = True
    shown: tuple[str, ...] = USUALLY_SHOWN


def quiz_of(activity: Activity) -> Quiz:
    """The row with the settings, which every quiz has."""
    quiz = db.session.get(Quiz, activity.id)
    assert quiz is not None
    return quiz


def kept(activity: Activity) -> QuizSettings:
    """The settings of this quiz."""
    quiz = quiz_of(activity)
    names = ("attempts", "counts", "minutes", "pass_percent", "per_page", "shuffle_questions", "shuffle_options")
    values = {name: getattr(quiz, name) for name in names}
    return QuizSettings(**values, shown=tuple(quiz.shown))


def keep(activity: Activity, settings: QuizSettings) -> None:
    """Store them."""
    values = asdict(settings)
    values["shown"] = list(settings.shown)
    quiz = db.session.get(Quiz, activity.id) or Quiz(activity_id=activity.id)
    for name, value in values.items():
        setattr(quiz, name, value)
    db.session.add(quiz)
    db.session.flush()
