"""The host's pages about seats: what the catalogue says, how many from where, who asks, waits and was withdrawn."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.paging import paged
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import Access
from lti_tool.courses.models import Participation
from lti_tool.courses.pupils import Pupil
from lti_tool.courses.queries.courses import schools_of
from lti_tool.courses.seats.forms import OfferingForm, SeatRulesForm
from lti_tool.courses.seats.models import Seat
from lti_tool.courses.seats.operations.offering import describe_course, offering_of, set_seat_rules
from lti_tool.courses.seats.operations.places import give_back
from lti_tool.courses.seats.queries.places import line_of_course, schools_seats, seat_schools, withdrawn_from
from lti_tool.courses.seats.queries.requests import open_requests
from lti_tool.courses.views.base import actor, blueprint, course_for, form_status, name_of, page, page_number


@blueprint.route("/<int:course_id>/offering", methods=["GET", "POST"])
def course_offering(course_id: int) -> Any:
    """What schools read before they take part."""
    access = course_for("course.edit", course_id)
    offering = offering_of(course_id)
    form = OfferingForm.of(offering)
    shown = {"course": access.course, "access": access, "form": form}
    if request.method != "POST" or not form.validate():
        return page("seats/offering", status=form_status(form), **shown)
    try:
        describe_course(actor=actor(), course=access.course, seen=form.seen, text=form.value())
    except Outdated:
        theirs = offering_of(course_id)
        assert theirs is not None
        form.now_from(theirs.version)
        return page("seats/offering", status=409, theirs=theirs, **shown)
    flash(_("Saved."), "success")
    return redirect(url_for("courses.sharing", course_id=course_id), 303)


@blueprint.route("/<int:course_id>/seats/rules", methods=["GET", "POST"])
def seat_rules(course_id: int) -> Any:
    """How many pupils may come from where."""
    access = course_for("course.edit", course_id)
    offering = offering_of(course_id)
    form = SeatRulesForm.of(offering)
    schools = seat_schools(access.course)
    quotas, faults = _quotas([one.id for one, _seats in schools]) if request.method == "POST" else ({}, {})
    shown = {"course": access.course, "form": form, "schools": schools, "typed": dict(request.form), "faults": faults}
    if request.method != "POST" or not form.validate() or faults:
        return page("seats/rules", status=422 if faults else form_status(form), **shown)
    try:
        set_seat_rules(actor=actor(), course=access.course, seen=form.seen, rules=form.value(), quotas=quotas)
    except Outdated:
        theirs = offering_of(course_id)
        assert theirs is not None
        form.now_from(theirs.version)
        return page("seats/rules", status=409, theirs=theirs, **shown)
    except Invalid as fault:
        form.reserve.errors = [*form.reserve.errors, *fault.errors.values()]
        return page("seats/rules", status=422, **shown)
    flash(_("Saved."), "success")
    return redirect(url_for("courses.course_seats", course_id=course_id), 303)


def _quotas(organization_ids: list[int]) -> tuple[dict[int, int], dict[int, str]]:
    """Seats by organization as typed, and a sentence for each that is no number."""
    quotas, faults = {}, {}
    for one in organization_ids:
        typed = request.form.get(f"quota-{one}", "").strip()
        if typed and not (typed.isdecimal() and len(typed) <= 4):
            faults[one] = _("Write a whole number.")
        elif typed:
            quotas[one] = int(typed)
    return quotas, faults


@blueprint.get("/<int:course_id>/seats")
def course_seats(course_id: int) -> Any:
    """Requests, numbers by school, who waits and who was withdrawn."""
    access = course_for("course.edit", course_id)
    offering = offering_of(course_id)
    line = paged(
        line_of_course(course_id),
        page_number(),
        lambda number: url_for("courses.course_seats", course_id=course_id, page=number),
    )
    withdrawn = paged(withdrawn_from(course_id), 1, lambda _number: "", size=50)
    classes = schools_of(access.course)
    by_id = {one.participation.id: one.participation for one in classes}
    return page(
        "seats/course",
        access=access,
        course=access.course,
        offering=offering,
        requests=open_requests(course_id),
        schools=schools_seats(offering) if offering and offering.limited else [],
        classes=[one for one in classes if one.participation.state == "active"],
        line=line,
        withdrawn=withdrawn,
        name=lambda seat: _name(seat, by_id, access),
        class_of=lambda seat: by_id[seat.participation_id],
    )


def _name(seat: Seat, classes: dict[int, Participation], access: Access) -> str:
    return name_of(Pupil(seat.identity, classes[seat.participation_id], active=False), access)


@blueprint.post("/<int:course_id>/seats/<int:participation_id>")
def class_seats_number(course_id: int, participation_id: int) -> Any:
    """The host makes the seats of a class fewer."""
    access = course_for("course.edit", course_id)
    found = next(
        (one.participation for one in schools_of(access.course) if one.participation.id == participation_id), None
    )
    if found is None:
        raise NotFound
    _fewer(found, by_host=True)
    return redirect(url_for("courses.course_seats", course_id=course_id), 303)


def _fewer(found: Participation, *, by_host: bool) -> None:
    try:
        give_back(actor=actor(), participation=found, seats=request.form.get("seats", -1, type=int), by_host=by_host)
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
    else:
        flash(_("Saved."), "success")
