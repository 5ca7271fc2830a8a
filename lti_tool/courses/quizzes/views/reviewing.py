"""Screens of whoever marks: what waits for a person, marking anew, figures of the questions, one pupil's attempts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import ActivityAccess, WorkAccess
from lti_tool.courses.forms import parse_points
from lti_tool.courses.quizzes.charts import bars, shares_of
from lti_tool.courses.quizzes.measuring import measured
from lti_tool.courses.quizzes.models import RUNNING, QuizResponse
from lti_tool.courses.quizzes.operations import regrading
from lti_tool.courses.quizzes.operations.marking import give_mark
from lti_tool.courses.quizzes.operations.settling import tried
from lti_tool.courses.quizzes.queries import (
    answers_to_mark,
    attempts_of,
    hand_queue,
    pupil_of,
    pupils_by_submission,
    response_of,
    responses_of,
)
from lti_tool.courses.quizzes.reckoning import share_of
from lti_tool.courses.quizzes.settings import quiz_of
from lti_tool.courses.quizzes.showing import EVERYTHING, shown_response
from lti_tool.courses.quizzes.texts import excerpt
from lti_tool.courses.quizzes.views.shared import attempt_for, pictures_for, quiz_for
from lti_tool.courses.quizzes.wording import warning_names
from lti_tool.courses.views.base import actor, blueprint, name_of, page, page_number

MAX_SHOWN = 200
"""Pupils named in the preview of marking anew."""


@blueprint.get("/activities/<int:activity_id>/quiz/marking")
def marking(activity_id: int) -> Any:
    """Questions with answers that wait for a person."""
    access = quiz_for("course.grade", activity_id)
    rows = [
        (one, excerpt(one.version.content.text, 120)) for one in hand_queue(access.the_activity, access.seen_classes)
    ]
    return page("quizzes/marking", access=access, course=access.course, activity=access.the_activity, rows=rows)


@blueprint.get("/activities/<int:activity_id>/quiz/marking/<int:question_id>")
def mark_question(activity_id: int, question_id: int) -> Any:
    """One question's answers across all pupils."""
    access = quiz_for("course.grade", activity_id)
    return _marking_page(access, question_id)


def _marking_page(
    access: ActivityAccess, question_id: int, *, typed: Mapping[int, Any] | None = None, status: int = 200
) -> Response:
    everything = request.args.get("all") == "1"

    def address(number: int) -> str:
        activity_id, more = access.the_activity.id, "1" if everything else None
        return url_for("courses.mark_question", activity_id=activity_id, question_id=question_id, page=number, all=more)

    found = answers_to_mark(
        access.the_activity,
        question_id,
        seen=access.seen_classes,
        everything=everything,
        number=page_number(),
        address=address,
    )
    pictures = pictures_for(access.course.id, [each.asked.content for each in found.items])
    rows = [
        (
            each,
            name_of(pupil_of(each.attempt.submission), access),
            shown_response(each, pictures, open_=False, sight=EVERYTHING),
        )
        for each in found.items
    ]
    return page(
        "quizzes/mark_question",
        status=status,
        course=access.course,
        activity=access.the_activity,
        question_id=question_id,
        rows=rows,
        found=found,
        everything=everything,
        typed=typed or {},
    )


@blueprint.post("/activities/<int:activity_id>/quiz/marks")
def save_marks(activity_id: int) -> Any:
    """Marks for the answers on a page, or for one answer of a pupil; what is left empty stays as it is."""
    access = quiz_for("course.grade", activity_id)
    typed, count = _typed_marks(), 0
    for response_id, row in typed.items():
        if not row["points"].strip():
            continue
        response = _response(access, response_id)
        try:
            points = parse_points(row["points"])
            give_mark(actor=actor(), response=response, points=points, comment=row["comment"].strip(), seen=row["seen"])
            count += 1
        except ValueError:
            row["fault"] = _("Write a number such as 7 or 7.5.")
        except Invalid as fault:
            row["fault"] = next(iter(fault.errors.values()))
        except Outdated:
            row["fault"] = _(
                "Somebody marked this meanwhile: %(points)s. Saving once more replaces it.", points=response.points
            )
            row["seen"] = response.mark_version
    if count:
        flash(ngettext("%(num)d mark is saved.", "%(num)d marks are saved.", count), "success")
    faulty = {response_id: row for response_id, row in typed.items() if row.get("fault")}
    question_id = request.form.get("question", type=as_key)
    if question_id is None:
        for row in faulty.values():
            flash(row["fault"], "danger")
        return redirect(_back_to_pupil(access), 303)
    if faulty:
        # below 400, so that the marks that were right are kept
        return _marking_page(access, question_id, typed=faulty)
    return redirect(url_for("courses.mark_question", activity_id=activity_id, question_id=question_id), 303)


def _typed_marks() -> dict[int, dict[str, Any]]:
    return {
        response_id: {
            "points": request.form.get(f"points-{response_id}", ""),
            "comment": request.form.get(f"comment-{response_id}", "").replace("\r\n", "\n"),
            "seen": request.form.get(f"seen-{response_id}", 0, type=int),
        }
        for response_id in request.form.getlist("response", type=as_key)[:100]
    }


def _response(access: ActivityAccess, response_id: int) -> QuizResponse:
    response = response_of(response_id, access.the_activity, access.seen_classes)
    if response is None:
        raise NotFound
    return response


def _back_to_pupil(access: ActivityAccess) -> str:
    attempt_for("course.grade", request.form.get("attempt", 0, type=as_key))
    return url_for(
        "courses.work",
        activity_id=access.the_activity.id,
        identity_id=request.form.get("identity", 0, type=as_key),
        attempt=request.form.get("attempt", type=as_key),
    )


def review(access: WorkAccess, work: Any) -> Mapping[str, Any]:
    """One pupil's attempts, and the answers of one of them, for the page of the pupil's work."""
    attempts = list(attempts_of(work.submission.id)) if work.submission else []
    wanted = request.args.get("attempt", type=as_key)
    finished = [each for each in attempts if each.state != RUNNING]
    chosen = next((each for each in finished if each.id == wanted), finished[-1] if finished else None)
    responses = responses_of(chosen) if chosen else []
    pictures = pictures_for(access.course.id, [each.asked.content for each in responses])
    return {
        "attempts": attempts,
        "chosen": chosen,
        "shares": {each.id: share_of(tried(each)) for each in attempts},
        "responses": [(each, shown_response(each, pictures, open_=False, sight=EVERYTHING)) for each in responses],
        "quiz": quiz_of(access.the_activity),
    }


@blueprint.route("/activities/<int:activity_id>/quiz/regrade", methods=["GET", "POST"])
def regrade_quiz(activity_id: int) -> Any:
    """Who would change if all attempts were marked anew; then do it. It is all pupils' matter, so not a tutor's."""
    access = quiz_for("course.edit", activity_id)
    if request.method == "POST":
        done = regrading.regrade(actor=actor(), activity=access.the_activity)
        count = len(done.changes)
        flash(
            ngettext(
                "Marked anew: %(num)d pupil's result changed.", "Marked anew: %(num)d pupils' results changed.", count
            ),
            "success",
        )
        return redirect(url_for("courses.activity", activity_id=activity_id), 303)
    plan = regrading.plan(access.the_activity)
    shown = plan.changes[:MAX_SHOWN]
    pupils = pupils_by_submission([change.submission_id for change in shown])
    return page(
        "quizzes/regrade",
        course=access.course,
        activity=access.the_activity,
        plan=plan,
        rows=[(change, name_of(pupils[change.submission_id], access)) for change in shown],
        more=len(plan.changes) - len(shown),
    )


@blueprint.get("/activities/<int:activity_id>/quiz/statistics")
def quiz_statistics(activity_id: int) -> Any:
    """How easy each question is, and whether it tells; as picture and as table."""
    access = quiz_for("course.grade", activity_id)
    found = measured(access.the_activity, access.seen_classes)
    return page(
        "quizzes/statistics",
        access=access,
        course=access.course,
        activity=access.the_activity,
        found=found,
        chart=bars(shares_of(found.histogram), _("Attempts by result")),
        warnings=warning_names(),
    )
