"""What things of quizzes are called on pages."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lti_tool.courses.forms import show_points
from lti_tool.courses.quizzes.models import AVERAGE, BEST, CLOSED, FEEDBACK, FIRST, LAST, MARKS, RIGHT

HAPPENED: dict[str, Any] = {
    "question.add": _l("Added to the question bank"),
    "question.edit": _l("Question changed"),
    "question.move": _l("Question moved to another pool"),
    "question.delete": _l("Taken out of the question bank"),
    "quiz.begin": _l("Begun"),
    "quiz.finish": _l("Handed in or closed"),
    "quiz.mark": _l("Answer marked"),
    "quiz.arrange": _l("Questions arranged"),
    "quiz.extra": _l("Extra time or attempts given"),
    "quiz.regrade": _l("Marked anew"),
    "question.import": _l("Questions imported"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {
    "question": _l("Question"),
    "question_pool": _l("Pool of questions"),
    "question_picture": _l("Picture of a question"),
    "quiz_attempt": _l("Attempt at a quiz"),
}
ICONS = {
    "single": "record-circle",
    "multiple": "check2-square",
    "truefalse": "toggle-on",
    "short": "input-cursor-text",
    "numeric": "123",
    "matching": "arrow-left-right",
    "ordering": "sort-down",
    "gaps": "braces",
    "essay": "textarea-t",
}


def type_names() -> dict[str, tuple[str, str]]:
    """For each type of question its name and what it is good for."""
    return {
        "single": (_("One right option"), _("Pupils choose one of several options.")),
        "multiple": (_("Several right options"), _("Pupils tick every option that is right.")),
        "truefalse": (_("True or false"), _("A statement that is right or wrong.")),
        "short": (_("Short answer"), _("A word or a few are typed.")),
        "numeric": (_("Number"), _("A number, exact or nearly, with or without a unit.")),
        "matching": (_("Matching"), _("To each thing pupils choose what belongs to it.")),
        "ordering": (_("Putting in order"), _("Things are given their right places.")),
        "gaps": (_("Gaps in a text"), _("Words, numbers or choices inside a text.")),
        "essay": (_("Essay"), _("A longer text that you mark yourself.")),
    }


def count_names() -> dict[str, str]:
    """Which of several attempts counts."""
    return {
        BEST: _("the best attempt"),
        LAST: _("the last attempt"),
        FIRST: _("the first attempt"),
        AVERAGE: _("the average of all attempts"),
    }


def shown_names() -> dict[str, str]:
    """What a pupil may see."""
    return {
        MARKS: _("points for each question"),
        RIGHT: _("right answers"),
        FEEDBACK: _("your remarks on answers"),
    }


def moment_names() -> dict[str, str]:
    """When a pupil may see it."""
    return {"after": _("Directly after the attempt"), CLOSED: _("After the quiz has closed")}


def verdict_names() -> dict[str, tuple[str, str, str]]:
    """(word, kind of badge, icon) for a line of an import."""
    return {
        "taken": (_("taken"), "success", "check2"),
        "changed": (_("taken with a change"), "warning", "pencil"),
        "refused": (_("not taken"), "danger", "x-octagon"),
    }


def warning_names() -> dict[str, str]:
    """What a question's figures suggest."""
    return {
        "easy": _("Nearly everybody knows it."),
        "hard": _("Hardly anybody knows it: is the right answer right?"),
        "backwards": _("Strong pupils fail more often than weak ones: check the right answer."),
        "blunt": _("It hardly tells strong pupils from weak ones."),
    }


def point_words(points: float) -> str:
    """A number of points with its noun."""
    whole = int(points) if points == int(points) else 2  # a part goes with the noun as two do
    return str(ngettext("%(points)s point", "%(points)s points", whole, points=show_points(points)))
