"""Screens of teachers who bring a course to their class, and what people see when a link leads nowhere."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from lti_tool.contexts.models import Context
from lti_tool.contexts.queries import roster_state
from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.limits import limit
from lti_tool.core.policy import require
from lti_tool.courses.forms import JoinForm
from lti_tool.courses.models import Participation
from lti_tool.courses.operations import participation as taking_part
from lti_tool.courses.placing.queries import copied_from
from lti_tool.courses.queries.courses import context_home
from lti_tool.courses.queries.scales import treaties_of
from lti_tool.courses.seats.models import SeatRequest
from lti_tool.courses.seats.operations.joining import Entered, join_again, join_by_code, join_offered
from lti_tool.courses.seats.operations.offering import offering_of
from lti_tool.courses.seats.queries.requests import newest_request
from lti_tool.courses.views.base import actor, blueprint, form_status, page

JOIN_LIMIT = "120 per minute"
"""From one address, behind which a whole school may sit; a code has 32⁸ possibilities."""
NOTICES = ("gone", "no_resource", "later", "agreement", "closed")


@blueprint.route("/join/<int:context_id>", methods=["GET", "POST"])
@limit(JOIN_LIMIT, methods=["POST"])
def join(context_id: int) -> Any:
    require(actor(), "context.bring_courses", context_id)
    form = JoinForm()
    course_id = request.form.get("course_id", type=as_key)
    if request.method == "POST" and (course_id is not None or form.validate()):
        try:
            return _joined(_join(context_id, course_id, form))
        except Invalid as fault:
            form.code.errors = list(fault.errors.values())
    home = context_home(actor(), context_id)
    place = get_or_none(Context, context_id)
    assert place is not None
    return page(
        "join",
        status=form_status(form),
        form=form,
        place=place,
        copied=copied_from(place, [one.id for one in (*home.own, *home.offered)]),
        home=home,
        wanted=request.args.get("course", type=as_key),
        from_link=bool(request.args.get("link")),
    )


def _join(context_id: int, course_id: int | None, form: JoinForm) -> Entered:
    if course_id is None:
        return join_by_code(actor=actor(), context_id=context_id, code=form.code.data, full_names=form.full_names.data)
    return join_offered(actor=actor(), context_id=context_id, course_id=course_id, full_names=form.full_names.data)


def _joined(entered: Entered) -> Any:
    if isinstance(entered, SeatRequest):
        flash(_("The coordinator of your school has to approve it first; then your class takes part."), "success")
        return redirect(url_for("courses.seat_requests"), 303)
    flash(_("The course is open to this class now. Place it in your LMS course so that pupils find it."), "success")
    return redirect(url_for("courses.participation", participation_id=entered.id), 303)


@blueprint.route("/participations/<int:participation_id>", methods=["GET", "POST"])
def participation(participation_id: int) -> Any:
    found = get_or_none(Participation, participation_id)
    require(actor(), "participation.change", found)
    assert found is not None
    if request.method == "GET":
        scale = {treaty.state: treaty for treaty in treaties_of(found)}
        roster = roster_state(found.context)
        return page(
            "participation",
            participation=found,
            course=found.course,
            roster=roster,
            scale=scale,
            offering=offering_of(found.course_id),
            asked=newest_request(found.course_id, found.context_id),
        )
    action = request.form.get("action")
    if action == "names":
        taking_part.set_full_names(actor=actor(), participation=found, shown=bool(request.form.get("full_names")))
        flash(_("Saved."), "success")
    elif action == "leave":
        taking_part.leave(actor=actor(), participation=found)
        flash(_("Your class no longer takes part. Work and grades are kept; you can join again."), "success")
    elif action == "return":
        if isinstance(join_again(actor=actor(), participation=found), SeatRequest):
            flash(_("The coordinator of your school has to approve it first; then your class takes part."), "success")
        else:
            flash(_("Your class takes part again."), "success")
    else:
        raise BadRequest
    return redirect(url_for("courses.participation", participation_id=participation_id), 303)


@blueprint.get("/notice/<reason>")
def notice(reason: str) -> Any:
    """Where a link leads that has nothing to show for this person."""
    if reason not in NOTICES:
        raise NotFound
    context_id = actor().context_id
    teaches = context_id is not None and actor().is_teacher(context_id)
    return page("notice", reason=reason, teaches=teaches)
