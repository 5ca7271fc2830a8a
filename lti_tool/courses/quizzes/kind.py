"""A quiz, as a kind of activity."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.courses.kinds import Kind
from lti_tool.courses.materials import MATERIALS
from lti_tool.courses.quizzes import packing, settings
from lti_tool.courses.quizzes.copying import copy
from lti_tool.courses.quizzes.forms import QuizForm
from lti_tool.courses.quizzes.models import QUIZ
from lti_tool.courses.quizzes.operations.arranging import move_deadlines
from lti_tool.courses.quizzes.views import bank, desk, reviewing

KIND = Kind(
    name=QUIZ,
    title=_l("Quiz"),
    add=_l("Add a quiz"),
    new=_l("New quiz"),
    icon="ui-checks",
    form=QuizForm.of,
    fields="courses/quizzes/_fields.html",
    show=desk.show,
    works=True,
    work="courses/quizzes/_work.html",
    review=reviewing.review,
    kept=settings.kept,
    keep=settings.keep,
    changed=move_deadlines,
    copy=copy,
    pack=packing.pack,
    unpack=packing.unpack,
    enclosed=packing.enclosed,
    receive=packing.receive,
    materials=MATERIALS,
)
__all__ = ["KIND", "bank"]
