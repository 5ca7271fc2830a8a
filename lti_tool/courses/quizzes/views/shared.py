"""What the screens of quizzes share: how things are fetched and judged, pictures that need no session, names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, g, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import NotFound
from lti_tool.core.policy import require
from lti_tool.core.storage import current_storage
from lti_tool.courses.access import Access, ActivityAccess, WorkAccess, course_access, work_access
from lti_tool.courses.quizzes import wording
from lti_tool.courses.quizzes.models import QUIZ, BankQuestion, QuestionPicture, QuizAttempt
from lti_tool.courses.quizzes.queries import attempt_of
from lti_tool.courses.views.base import activity_for, blueprint

pictures = Blueprint("quiz_pictures", __name__, url_prefix="/courses/pictures")
_KEPT = timedelta(hours=12)
"""How long a browser may keep a picture: an address is good for the day it was made and the next."""


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


def picture_url(number: int) -> str:
    """The address of a picture, good until tomorrow evening, also in a browser that keeps no cookies."""
    return url_for("quiz_pictures.picture", token=_signer().dumps([number, _today()]))


@pictures.get("/<token>")
def picture(token: str) -> Response:
    """A picture, for whoever was given its address by a page."""
    try:
        number, day = _signer().loads(token)
    except (BadSignature, ValueError):
        raise NotFound from None
    found = get_or_none(QuestionPicture, number)
    if found is None or not _today() - 1 <= day <= _today():
        raise NotFound
    try:
        content = current_storage().read(found.key)
    except FileNotFoundError:
        raise NotFound from None
    response = Response(content, content_type=found.media_type)
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = f"private, max-age={int(_KEPT.total_seconds())}"
    return response


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="quiz-picture")


def _today() -> int:
    return utcnow().date().toordinal()


@blueprint.context_processor
def _for_templates() -> dict[str, Callable[[], Any]]:
    return {
        "question_types": wording.type_names,
        "question_icons": lambda: wording.ICONS,
        "count_names": wording.count_names,
    }
