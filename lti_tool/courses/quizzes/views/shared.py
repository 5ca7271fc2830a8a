"""What the screens of quizzes share: how things are fetched and judged, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from flask import g

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.markdown import render
from lti_tool.core.policy import require
from lti_tool.courses.access import Access, ActivityAccess, WorkAccess, activity_access, course_access, work_access
from lti_tool.courses.availability import OPEN, OVER, Availability
from lti_tool.courses.materials import Pictures, materials_of
from lti_tool.courses.models import Activity
from lti_tool.courses.quizzes import wording
from lti_tool.courses.quizzes.models import QUIZ, BankQuestion, QuizAttempt
from lti_tool.courses.quizzes.queries import attempt_of, pictures_of, standing_of
from lti_tool.courses.quizzes.questions import Content
from lti_tool.courses.quizzes.showing import PictureUrl
from lti_tool.courses.quizzes.texts import pictures_in
from lti_tool.courses.views.base import activity_for, blueprint, let_in
from lti_tool.files.models import StoredFile
from lti_tool.files.views import preview_address


def quiz_for(verb: str, activity_id: int) -> ActivityAccess:
    """A quiz, when the actor may do `verb`; NotFound for activities of other kinds."""
    access = activity_for(verb, activity_id)
    if access.the_activity.kind != QUIZ:
        raise NotFound
    return access


def quiz_to_begin(activity_id: int) -> ActivityAccess:
    """A quiz in which the pupil may begin an attempt, be it within an end of her own that is later than the others'."""
    access = let_in(activity_access(g.actor, activity_id))
    if access is not None and access.the_activity.kind != QUIZ:
        raise NotFound
    if access is not None:
        access = with_own_end(access)
    require(g.actor, "activity.work", access, see="activity.see")
    assert access is not None
    return access


def with_own_end(access: ActivityAccess) -> ActivityAccess:
    """The quiz as it stands open to this pupil: who was given a later end can work on after the others' is over."""
    if access.availability.state != OVER or not access.learns or access.preview:
        return access
    standing = standing_of(access.the_activity, g.actor.identity_id)
    return access if standing.closed else replace(access, availability=Availability(OPEN))


def own_attempt(attempt_id: int) -> tuple[WorkAccess, QuizAttempt]:
    """The pupil's own attempt, to be worked on: once begun, it goes by its own end and not by the activity's dates."""
    attempt = attempt_of(attempt_id)
    if attempt is None:
        raise NotFound
    submission = attempt.submission
    access = let_in(work_access(g.actor, submission.activity_id, submission.identity_id))
    if access is not None:
        access = replace(access, availability=Availability(OPEN))
    require(g.actor, "activity.work", access, see="work.see")
    assert access is not None
    if submission.identity_id != g.actor.identity_id:
        raise NotFound
    return access, attempt


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
    access = let_in(work_access(g.actor, submission.activity_id, submission.identity_id))
    require(g.actor, verb, access, see="work.see")
    assert access is not None
    return access, attempt


def pictures_for(course_id: int, contents: Iterable[Content]) -> PictureUrl:
    """Where the page finds the pictures of these questions; one statement for all."""
    wanted = {number for content in contents for number in pictures_in(*content.texts())}
    addresses = {number: preview_address(found.file) for number, found in pictures_of(course_id, wanted).items()}
    return lambda number: addresses.get(number, "")


class Introduction(NamedTuple):
    """What stands before a quiz."""

    html: str
    files: Sequence[StoredFile]
    """Attached ones that the text does not show itself."""


def introduction(activity: Activity) -> Introduction:
    """The quiz's own text with its pictures, and the files beside it."""
    pictures = Pictures(materials_of(activity), preview_address)
    return Introduction(render(activity.body, pictures) if activity.body else "", pictures.others)


@blueprint.context_processor
def _for_templates() -> dict[str, Callable[..., Any]]:
    return {
        "introduction": introduction,
        "question_types": wording.type_names,
        "question_icons": lambda: wording.ICONS,
        "count_names": wording.count_names,
        "point_words": wording.point_words,
    }
