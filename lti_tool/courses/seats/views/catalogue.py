"""The catalogue, a course for somebody who does not take part yet, and asking for seats."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid
from lti_tool.core.i18n import LOCALE_NAMES
from lti_tool.core.paging import SIZE, Page
from lti_tool.core.policy import allows, require
from lti_tool.courses.queries.courses import ORGANIZATIONS_SHOWN
from lti_tool.courses.seats.access import Prospect
from lti_tool.courses.seats.forms import LAST_GRADE, AskForm
from lti_tool.courses.seats.models import SUBJECTS, SeatRequest
from lti_tool.courses.seats.operations.offering import offering_of
from lti_tool.courses.seats.operations.requests import ask_for_seats, needs_approval
from lti_tool.courses.seats.queries.catalogue import (
    NOT_BEGUN,
    RUNNING,
    Wanted,
    catalogue,
    contents,
    hosts_in,
    line_of,
    own_contexts,
    prospect,
)
from lti_tool.courses.seats.queries.room import pledges_of
from lti_tool.courses.seats.wording import request_state, subject_names
from lti_tool.courses.views.base import actor, blueprint, form_status, page, page_number

blueprint.add_app_template_global(request_state, "request_state")
blueprint.add_app_template_global(subject_names, "subject_names")


@blueprint.get("/catalogue")
def course_catalogue() -> Any:
    """What is offered to the actor's school, narrowed and searched."""
    organization_id = actor().organization_id
    require(actor(), "catalogue.see", organization_id)
    wanted = _wanted()
    everything = catalogue(organization_id or 0, Wanted())
    found = [line for line in everything if wanted.fits(line)]
    last = max(1, -(-len(found) // SIZE))
    number = min(page_number(), last)
    arguments: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page" and value}
    lines = Page(
        found[(number - 1) * SIZE : number * SIZE],
        number,
        len(found),
        lambda other: url_for("courses.course_catalogue", **{**arguments, "page": str(other)}),
    )
    return page(
        "seats/catalogue",
        lines=lines,
        wanted=wanted,
        hosts=hosts_in(everything)[:ORGANIZATIONS_SHOWN],
        languages=LOCALE_NAMES,
        grades=range(1, LAST_GRADE + 1),
        anything=bool(everything),
    )


def _wanted() -> Wanted:
    told = request.args
    subject, language, starts = told.get("subject", ""), told.get("language", ""), told.get("starts", "")
    return Wanted(
        search=told.get("q", "").strip()[:100],
        subject=subject if subject in SUBJECTS else "",
        grade=told.get("grade", type=int),
        language=language if language in LOCALE_NAMES else "",
        host=told.get("host", type=as_key),
        starts=starts if starts in (NOT_BEGUN, RUNNING) else "",
        free=bool(told.get("free")),
    )


@blueprint.route("/<int:course_id>/about", methods=["GET", "POST"])
def about(course_id: int) -> Any:
    """A course before anybody of the school takes part: no pupil is named or counted one by one."""
    found = prospect(actor(), course_id)
    require(actor(), "course.know", found)
    assert found is not None
    form = _ask_form()
    if request.method == "POST":
        require(actor(), "course.ask_seats", found, see="course.know")
        if form.validate():
            try:
                return _asked(_ask(found, form))
            except Invalid as fault:
                form.seats.errors = list(fault.errors.values())
    offering = offering_of(course_id)
    course = found.course
    pledge = pledges_of(course.organization_id).get(found.organization_id or 0)
    return page(
        "seats/about",
        status=form_status(form),
        course=course,
        offering=offering,
        line=line_of(found, offering),
        contents=contents(course),
        form=form if allows(actor(), "course.ask_seats", found) and form.context.choices else None,
        pledge=pledge if course.visibility == "partners" else None,
        approval=needs_approval(course, found.organization_id),
    )


def _ask_form() -> AskForm:
    form = AskForm()
    form.context.choices = [SelectChoice(one.id, one.title or one.label) for one in own_contexts(actor())]
    if request.method == "GET":
        form.context.data = request.args.get("context", actor().context_id, type=as_key)
    return form


def _ask(found: Prospect, form: AskForm) -> SeatRequest:
    return ask_for_seats(
        actor=actor(),
        course=found.course,
        context_id=form.context.data,
        seats=form.seats.data,
        message=form.message.data,
        full_names=form.full_names.data,
    )


def _asked(asked: SeatRequest) -> Any:
    if asked.state == "accepted":
        flash(_("Your class takes part now. Place the course in your LMS course so that pupils find it."), "success")
    elif asked.state == "approved":
        flash(_("Your request is with the host. You see its answer here and on the page of your class."), "success")
    else:
        flash(_("Your request is with the coordinator of your school, then it goes to the host."), "success")
    return redirect(url_for("courses.seat_requests"), 303)
