"""What the screens of quizzes share: how things are fetched and judged, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import g

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.policy import require
from lti_tool.courses.access import Access, ActivityAccess, WorkAccess, course_access, work_access
from lti_tool.courses.quizzes import wording
from lti_tool.courses.quizzes.models import QUIZ, BankQuestion, QuizAttempt
from lti_tool.courses.quizzes.queries import attempt_of, pictures_of
from lti_tool.courses.quizzes.questions import Content
from lti_tool.courses.quizzes.showing import PictureUrl
from lti_tool.courses.quizzes.texts import pictures_in
from lti_tool.courses.views.base import activity_for, blueprint
from lti_tool.files.views import preview_address


def quiz_for(verb: str, activity_id: int) -> ActivityAccess:
    """A quiz, when the actor may do `verb`; NotFound for activities of other kinds."""
    access = activity_for(verb, activity_id)
    if access.the_activity.kind != QUIZ:
        raise NotFound
    return access


def question_for(question_id: int) -> tuple[Access, BankQuestion]:
    """A question of the bank and its course, for those who may edit the course."""
    question = get_or_none(BankQuestion, question_id)
    if question is None or question.deleted_at is not None:
        raise NotFound
    access = course_access(g.actor, question.course_id)
    require(g.actor, "course.edit", access, see="course.see")
    assert access is not None
    return access, question


def attempt_for(verb: str, attempt_id: int) -> tuple[WorkAccess, QuizAttempt]:
    """An attempt, when the actor may do `verb` with the work it belongs to."""
    attempt = attempt_of(attempt_id)
    if attempt is None:
        raise NotFound
    submission = attempt.submission
    access = work_access(g.actor, submission.activity_id, submission.identity_id)
    require(g.actor, verb, access, see="work.see")
    assert access is not None
    return access, attempt


def pictures_for(course_id: int, contents: Iterable[Content]) -> PictureUrl:
    """Where the page finds the pictures of these questions; one statement for all."""
    wanted = {number for content in contents for number in pictures_in(*content.texts())}
    addresses = {number: preview_address(found.file) for number, found in pictures_of(course_id, wanted).items()}
    return lambda number: addresses.get(number, "")


@blueprint.context_processor
def _for_templates() -> dict[str, Callable[..., Any]]:
    return {
        "question_types": wording.type_names,
        "question_icons": lambda: wording.ICONS,
        "count_names": wording.count_names,
        "point_words": wording.point_words,
    }
