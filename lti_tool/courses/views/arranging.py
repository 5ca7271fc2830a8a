"""Screens of a course's units, and of the order of everything in it."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import as_key, get_or_none, key_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import Access
from lti_tool.courses.arrangement import Move
from lti_tool.courses.forms import UnitForm
from lti_tool.courses.models import CourseUnit
from lti_tool.courses.operations import arranging
from lti_tool.courses.operations.arranging import TOP
from lti_tool.courses.operations.copying import copy_unit
from lti_tool.courses.queries.outline import arrangement_of, outline_of
from lti_tool.courses.views.base import activity_for, actor, blueprint, course_for, form_status, page


def unit_for(unit_id: int) -> tuple[Access, CourseUnit]:
    """A unit for who writes its course; NotFound for everybody who may not even see it."""
    unit = get_or_none(CourseUnit, unit_id)
    if unit is None or unit.deleted_at is not None:
        raise NotFound
    return course_for("course.edit", unit.course_id), unit


@blueprint.route("/<int:course_id>/units/new", methods=["GET", "POST"])
def new_unit(course_id: int) -> Any:
    course = course_for("course.edit", course_id).course
    form = UnitForm.of(None)
    if form.validate_on_submit():
        unit = arranging.add_unit(actor=actor(), course=course, text=form.value())
        flash(_("“%(title)s” is added.", title=unit.title), "success")
        return redirect(url_for("courses.course", course_id=course_id, _anchor=f"unit-{unit.id}"), 303)
    return page("unit_form", status=form_status(form), form=form, course=course, unit=None)


@blueprint.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
def edit_unit(unit_id: int) -> Any:
    access, unit = unit_for(unit_id)
    form = UnitForm.of(unit)
    shown = {"form": form, "course": access.course, "unit": unit}
    if not form.validate_on_submit():
        return page("unit_form", status=form_status(form), **shown)
    try:
        arranging.edit_unit(actor=actor(), unit=unit, seen=form.seen, text=form.value())
    except Outdated:
        form.now_from(unit.version)
        return page("unit_form", status=409, theirs=unit, **shown)
    flash(_("Saved."), "success")
    return redirect(url_for("courses.course", course_id=unit.course_id, _anchor=f"unit-{unit_id}"), 303)


@blueprint.route("/units/<int:unit_id>/delete", methods=["GET", "POST"])
def delete_unit(unit_id: int) -> Any:
    """Ask where its activities go, then do it."""
    access, unit = unit_for(unit_id)
    fault = ""
    if request.method == "POST":
        chosen = request.form.get("keep_in", "")
        try:
            if chosen not in ("out", str(arranging.TOP)) and key_or_none(chosen) is None:
                raise Invalid({"keep_in": _("Choose where its activities go.")})
            keep_in = None if chosen == "out" else int(chosen)
            arranging.delete_unit(actor=actor(), course=access.course, unit=unit, keep_in=keep_in)
        except Invalid as invalid:
            fault = str(invalid.message)
        else:
            flash(_("“%(title)s” is taken out of the course.", title=unit.title), "success")
            return redirect(url_for("courses.course", course_id=access.course.id), 303)
    outline = outline_of(access.course.id)
    inside = [each for each in outline.activities if each.unit_id == unit_id]
    others = [each for each in outline.units if each.id != unit_id]
    shown = {"course": access.course, "unit": unit, "inside": inside, "others": others, "top": TOP}
    return page("unit_delete", status=422 if fault else 200, fault=fault, **shown)


@blueprint.post("/units/<int:unit_id>/copy")
def duplicate_unit(unit_id: int) -> Any:
    access, unit = unit_for(unit_id)
    made = copy_unit(actor=actor(), course=access.course, unit=unit)
    flash(_("“%(title)s” is made. Pupils do not see it before you publish it.", title=made.title), "success")
    return redirect(url_for("courses.course", course_id=access.course.id, _anchor=f"unit-{made.id}"), 303)


@blueprint.get("/activities/<int:activity_id>/move")
def move_activity(activity_id: int) -> Any:
    """Every place an activity can go to, in one list: for keyboards, screen readers and browsers without scripts."""
    access = activity_for("course.edit", activity_id)
    return _move_page(access, activity=access.the_activity)


@blueprint.get("/units/<int:unit_id>/move")
def move_unit(unit_id: int) -> Any:
    """The same for a unit."""
    access, unit = unit_for(unit_id)
    return _move_page(access, moved_unit=unit)


def _move_page(access: Access, **thing: Any) -> Any:
    outline, order = outline_of(access.course.id), arrangement_of(access.course.id)
    titles = {each.id: each.title for each in outline.activities}
    units = [(unit, dict(order.units)[unit.id if unit else None]) for unit in [None, *outline.units]]
    return page("move", course=access.course, units=units, titles=titles, order=order.fingerprint, **thing)


@blueprint.post("/<int:course_id>/order")
def arrange(course_id: int) -> Any:
    """Move one thing. A script is told where it stands now, a form goes back to the course."""
    access = course_for("course.edit", course_id)
    move = _move_sent()
    order = arranging.rearrange(actor=actor(), course=access.course, seen=request.form.get("seen", ""), move=move)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(seen=order.fingerprint, **order.place_of(move))
    flash(_("Moved."), "success")
    anchor = f"activity-{move.activity_id}" if move.activity_id else f"unit-{move.unit_id}"
    return redirect(url_for("courses.course", course_id=course_id, _anchor=anchor), 303)


def _move_sent() -> Move:
    """`place` of the list is `unit:before`, or `before` alone for a unit; scripts send `up` and `down` there as well."""
    place = request.form.get("place", "")
    steps = {"up": -1, "down": 1}
    unit, _colon, before = place.rpartition(":")
    return Move(
        activity_id=request.form.get("activity", type=as_key),
        unit_id=request.form.get("unit", type=as_key),
        to_unit=key_or_none(unit),
        before=None if place in steps else key_or_none(before),
        step=steps.get(place, 0),
    )
