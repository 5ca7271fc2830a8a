"""Screens of a pupil: the quiz's front page, the questions, handing in, looking back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.db import utcnow
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import ActivityAccess, WorkAccess
from lti_tool.courses.availability import OPEN, Availability
from lti_tool.courses.queries.courses import state_of
from lti_tool.courses.queries.gradebook import delivery_of
from lti_tool.courses.queries.work import own_work
from lti_tool.courses.quizzes.models import (
    AFTER,
    CLOSED,
    FEEDBACK,
    MARKS,
    RIGHT,
    RUNNING,
    QuizAttempt,
    QuizResponse,
)
from lti_tool.courses.quizzes.operations import attempting
from lti_tool.courses.quizzes.operations.settling import passed, tried
from lti_tool.courses.quizzes.queries import Standing, responses_of, standing_of
from lti_tool.courses.quizzes.reckoning import reckoned, share_of
from lti_tool.courses.quizzes.settings import quiz_of
from lti_tool.courses.quizzes.showing import NOTHING, Sight, shown_response
from lti_tool.courses.quizzes.views.shared import (
    attempt_for,
    own_attempt,
    pictures_for,
    quiz_to_begin,
    with_own_end,
)
from lti_tool.courses.views.base import actor, blueprint, page, takes_uploads

MAX_ANSWERS = 200
OPENED = Availability(OPEN)
takes_uploads("attempt", 8_000_000)  # a page of long essays is more than a form usually holds
takes_uploads("save_answers", 8_000_000)


def front(access: ActivityAccess) -> Response:
    """What a pupil sees of a quiz before, between and after attempts."""
    identity_id = actor().identity_id
    assert identity_id is not None
    standing = standing_of(access.the_activity, identity_id)
    submission, grade = own_work(access.the_activity, identity_id)
    done = [tried(attempt) for attempt in standing.attempts if attempt.state != RUNNING]
    share = reckoned(done, standing.quiz.counts)
    running = standing.running if standing.running and not attempting.is_over(standing.running) else None
    return page(
        "quizzes/front",
        access=access,
        course=access.course,
        activity=access.the_activity,
        quiz=standing.quiz,
        standing=standing,
        can_work=allows(actor(), "activity.work", with_own_end(access)),
        running=running if running and allows(actor(), "activity.work", replace(access, availability=OPENED)) else None,
        grade=grade,
        state=state_of(submission, grade),
        delivery=delivery_of(grade, access.the_activity) if grade else None,
        shares={attempt.id: share_of(tried(attempt)) for attempt in standing.attempts},
        passed=passed(standing.quiz, share),
        sight=sight_of(standing),
    )


def sight_of(standing: Standing) -> Sight:
    """What the pupil may see of finished attempts now."""
    moment = CLOSED if standing.closed and standing.running is None else AFTER
    seen = [f"{moment}-{thing}" in standing.quiz.shown for thing in (MARKS, RIGHT, FEEDBACK)]
    return Sight(*seen)


@blueprint.post("/activities/<int:activity_id>/quiz/start")
def start_attempt(activity_id: int) -> Any:
    """Begin, or go on."""
    access = quiz_to_begin(activity_id)
    attempt = attempting.start_attempt(actor=actor(), access=access)
    return redirect(url_for("courses.attempt", attempt_id=attempt.id), 303)


@blueprint.route("/attempts/<int:attempt_id>", methods=["GET", "POST"])
def attempt(attempt_id: int) -> Any:
    """A page of questions; every button of it saves."""
    access, found = own_attempt(attempt_id)
    if request.method == "POST":
        return _save_page(access, found)
    if found.state != RUNNING or attempting.is_over(found):
        return redirect(url_for("courses.review_attempt", attempt_id=attempt_id), 303)
    return _attempt_page(access, found, request.args.get("page", 1, type=int))


def _save_page(access: WorkAccess, found: QuizAttempt) -> Any:
    number = request.form.get("page", 1, type=int)
    pages = _pages(access, found)
    here = pages[min(max(number, 1), len(pages)) - 1]
    positions = [response.position for response in here]
    try:
        saved = attempting.save_answers(
            attempt=found, positions=positions, sent=_sent(), seen=_version(), tab=request.form.get("tab", "")[:32]
        )
    except Outdated:
        return _attempt_page(access, found, number, typed=_typed(here), status=409)
    if saved.over:
        return redirect(url_for("courses.review_attempt", attempt_id=found.id), 303)
    action = request.form.get("action", "next")
    if action == "finish" or (action == "next" and number >= len(pages)):
        return redirect(url_for("courses.finish_attempt", attempt_id=found.id), 303)
    step = {"next": 1, "previous": -1}.get(action, 0)
    wanted = int(action) if action.isascii() and action.isdigit() and len(action) < 4 else number + step
    return redirect(url_for("courses.attempt", attempt_id=found.id, page=wanted), 303)


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _sent() -> dict[str, list[str]]:
    return {name: request.form.getlist(name) for name in request.form if name.startswith("q")}


def _typed(here: Sequence[QuizResponse]) -> dict[int, list[str]]:
    sent = _sent()
    return {each.position: each.asked.content.read(f"q{each.position}", sent, each.order) for each in here}


def _pages(access: WorkAccess, found: QuizAttempt) -> list[list[QuizResponse]]:
    responses = list(responses_of(found))
    size = quiz_of(access.the_activity).per_page or len(responses) or 1
    return [responses[start : start + size] for start in range(0, len(responses), size)] or [[]]


def remaining(found: QuizAttempt) -> int | None:
    """Whole seconds until the deadline by the server's clock; None without one."""
    if found.deadline_at is None:
        return None
    return max(0, int((found.deadline_at - utcnow()).total_seconds()))


def _attempt_page(
    access: WorkAccess,
    found: QuizAttempt,
    number: int,
    *,
    typed: dict[int, list[str]] | None = None,
    status: int = 200,
) -> Response:
    pages = _pages(access, found)
    number = min(max(number, 1), len(pages))
    here = pages[number - 1]
    pictures = pictures_for(access.course.id, [each.asked.content for each in here])
    shown = [shown_response(each, pictures, open_=True) for each in here]
    theirs = []
    if typed is not None:  # saved elsewhere meanwhile: both are shown, and the next saving replaces the other knowingly
        theirs = [each for each in shown if each.answer != typed[each.number]]
        shown = [_with_answer(each, typed[each.number]) for each in shown]
    return page(
        "quizzes/attempt",
        status=status,
        access=access,
        course=access.course,
        activity=access.the_activity,
        attempt=found,
        questions=shown,
        theirs=theirs,
        number=number,
        pages=[[each.position for each in one] for one in pages],
        answered={each.position for one in pages for each in one if any(each.answer)},
        remaining=remaining(found),
        tab=secrets.token_hex(8),
    )


def _with_answer(shown: Any, answer: list[str]) -> Any:
    return type(shown)(**{**vars(shown), "answer": answer})


@blueprint.post("/attempts/<int:attempt_id>/answers")
def save_answers(attempt_id: int) -> Any:
    """Answers as they are given (JSON: answers {position: [[name, value]…]}, version, tab); answers the new version and
    the seconds that are left, or that the attempt is over."""
    _access, found = own_attempt(attempt_id)
    positions, sent, seen, tab = _read_json(request.get_json(silent=True))
    try:
        saved = attempting.save_answers(attempt=found, positions=positions, sent=sent, seen=seen, tab=tab)
    except Outdated:
        response = jsonify(error=str(Outdated.message))
        response.status_code = 409
        return response
    return jsonify(version=saved.attempt.version, over=saved.over, remaining=remaining(saved.attempt))


def _read_json(body: Any) -> tuple[list[int], dict[str, list[str]], int, str]:
    answers = body.get("answers") if isinstance(body, dict) else None
    if not isinstance(answers, dict) or len(answers) > MAX_ANSWERS:
        raise Invalid({"answers": _("The answers could not be read.")})
    sent: dict[str, list[str]] = {}
    positions = []
    for position, fields in answers.items():
        if not (position.isascii() and position.isdigit() and len(position) < 4 and isinstance(fields, list)):
            raise Invalid({"answers": _("The answers could not be read.")})
        positions.append(int(position))
        for pair in fields[:MAX_ANSWERS]:
            if isinstance(pair, list) and len(pair) == 2 and all(isinstance(each, str) for each in pair):
                sent.setdefault(pair[0], []).append(pair[1])
    seen, tab = body.get("version"), body.get("tab")
    return positions, sent, seen if isinstance(seen, int) else 0, tab[:32] if isinstance(tab, str) else ""


@blueprint.route("/attempts/<int:attempt_id>/finish", methods=["GET", "POST"])
def finish_attempt(attempt_id: int) -> Any:
    """Show what is answered and what is not, then hand in. Twice is harmless."""
    access, found = own_attempt(attempt_id)
    if request.method == "POST":
        attempting.finish(actor=actor(), attempt=found)
        flash(_("Handed in."), "success")
        return redirect(url_for("courses.review_attempt", attempt_id=attempt_id), 303)
    if found.state != RUNNING or attempting.is_over(found):
        return redirect(url_for("courses.review_attempt", attempt_id=attempt_id), 303)
    pages = _pages(access, found)
    rows = [(number, each.position, any(each.answer)) for number, one in enumerate(pages, 1) for each in one]
    missing = sum(not answered for _page, _position, answered in rows)
    return page(
        "quizzes/finish",
        course=access.course,
        activity=access.the_activity,
        attempt=found,
        rows=rows,
        warning=ngettext("%(num)d question has no answer.", "%(num)d questions have no answer.", missing)
        if missing
        else "",
        remaining=remaining(found),
    )


@blueprint.get("/attempts/<int:attempt_id>/review")
def review_attempt(attempt_id: int) -> Any:
    """A finished attempt, as far as its pupil may see it."""
    access, found = attempt_for("work.see", attempt_id)
    if access.the_pupil.identity.id != actor().identity_id:
        raise NotFound  # teachers look at it on the pupil's page
    if found.state == RUNNING and not attempting.is_over(found):
        raise Conflict(_("This attempt is not handed in yet."))
    standing = standing_of(access.the_activity, access.the_pupil.identity.id)
    sight = sight_of(standing) if found.state != RUNNING else NOTHING
    any_seen = sight != NOTHING
    responses = responses_of(found) if any_seen else []
    pictures = pictures_for(access.course.id, [each.asked.content for each in responses])
    return page(
        "quizzes/review",
        course=access.course,
        activity=access.the_activity,
        attempt=found,
        quiz=standing.quiz,
        standing=standing,
        sight=sight,
        share=share_of(tried(found)),
        passed=passed(standing.quiz, share_of(tried(found))),
        questions=[shown_response(each, pictures, open_=False, sight=sight) for each in responses],
    )
