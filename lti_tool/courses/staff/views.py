"""Screens of those who teach along: the host invites, the teacher answers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.staff import operations as staff
from lti_tool.courses.staff.models import ACCEPTED, CourseTutor
from lti_tool.courses.staff.queries import candidates, own_tutoring, teachers, tutors
from lti_tool.courses.staff.wording import level_names
from lti_tool.courses.views.base import actor, blueprint, course_for, page
from lti_tool.people.names import display_name

blueprint.add_app_template_global(level_names, "level_names")


def _teacher(identity: Any) -> str:
    return display_name(actor(), identity, teacher=True)


blueprint.add_app_template_global(_teacher, "teacher_name")


@blueprint.route("/<int:course_id>/staff", methods=["GET", "POST"])
def course_staff(course_id: int) -> Any:
    """Who teaches, who may do what, and whom to invite."""
    access = course_for("course.edit", course_id)
    faults: list[str] = []
    if request.method == "POST":
        try:
            staff.invite(
                actor=actor(),
                course=access.course,
                identity_id=request.form.get("identity", 0, type=as_key),
                level=request.form.get("level", ""),
                everybody=request.form.get("pupils") == "all",
            )
            flash(_("Invited: the teacher finds the invitation on the home page of the class."), "success")
            return redirect(url_for("courses.course_staff", course_id=course_id), 303)
        except Invalid as fault:
            faults = list(fault.errors.values())
    shown = {"teachers": teachers(course_id), "tutors": tutors(course_id), "candidates": candidates(access.course)}
    return page("staff/list", status=422 if faults else 200, course=access.course, faults=faults, **shown)


@blueprint.post("/staff/<int:tutor_id>")
def change_tutor(tutor_id: int) -> Any:
    """The teacher accepts, declines or leaves; the host removes."""
    found = get_or_none(CourseTutor, tutor_id)
    if found is None:
        raise NotFound
    action = request.form.get("action", "")
    if action in ("accept", "decline", "leave"):
        if not allows(actor(), "tutor.answer", found):
            raise NotFound
        if action == "leave":
            staff.remove(actor=actor(), tutor=found)
        else:
            staff.answer(actor=actor(), tutor=found, yes=action == "accept")
        flash(_("Saved."), "success")
        there = found.state == ACCEPTED
        return redirect(
            url_for("courses.course", course_id=found.course_id) if there else url_for("courses.tutoring"), 303
        )
    if action != "remove":
        raise BadRequest
    course_for("course.edit", found.course_id)
    staff.remove(actor=actor(), tutor=found)
    flash(_("Removed. What was graded and said stays."), "success")
    return redirect(url_for("courses.course_staff", course_id=found.course_id), 303)


@blueprint.get("/tutoring")
def tutoring() -> Any:
    """Courses of others the actor teaches along, and invitations."""
    return page("staff/own", own=own_tutoring(actor()))
