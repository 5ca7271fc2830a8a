"""Screens of whole courses over the years: a teacher's list, copies, the archive."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.errors import NotAllowed
from lti_tool.core.policy import require
from lti_tool.courses.forms import NextYearForm
from lti_tool.courses.operations import copying, teaching
from lti_tool.courses.queries.mine import OWN, TABS, my_courses
from lti_tool.courses.queries.outline import outline_of
from lti_tool.courses.views.base import activity_for, actor, blueprint, course_for, form_status, page, page_number


@blueprint.get("/")
def index() -> Any:
    """A teacher's courses: own, joined, archived."""
    if not actor().is_teacher():
        raise NotAllowed
    tab = request.args.get("tab", OWN)
    tab = tab if tab in TABS else OWN
    search = request.args.get("q", "").strip()[:100]
    found = my_courses(
        actor(),
        tab,
        search,
        page_number(),
        lambda number: url_for("courses.index", tab=tab, q=search or None, page=number),
    )
    return page("index", found=found, tab=tab, search=search)


@blueprint.post("/activities/<int:activity_id>/copy")
def duplicate_activity(activity_id: int) -> Any:
    access = activity_for("course.edit", activity_id)
    made = copying.copy_activity(actor=actor(), activity=access.the_activity)
    flash(_("“%(title)s” is made. Pupils do not see it before you publish it.", title=made.title), "success")
    return redirect(url_for("courses.course", course_id=access.course.id, _anchor=f"activity-{made.id}"), 303)


@blueprint.route("/<int:course_id>/next-year", methods=["GET", "POST"])
def next_year(course_id: int) -> Any:
    """The content of a course as a new one."""
    course = course_for("course.host", course_id).course
    require(actor(), "course.create", course.organization_id)
    outline = outline_of(course_id)
    first = copying.first_day(course, outline)
    form = NextYearForm(data={"title": course.title, "starts": first})
    if form.validate_on_submit():
        wanted = copying.NextYear(form.title.data, form.starts.data)
        made = copying.roll_over(actor=actor(), course=course, wanted=wanted)
        flash(
            _("The new course is made: everything but people and their work. It is a draft with its own join code."),
            "success",
        )
        return redirect(url_for("courses.course", course_id=made.id), 303)
    return page(
        "next_year", status=form_status(form), form=form, course=course, first=first, count=len(outline.activities)
    )


@blueprint.route("/<int:course_id>/archive", methods=["GET", "POST"])
def archive(course_id: int) -> Any:
    """End a course, or bring it back."""
    course = course_for("course.host", course_id).course
    if request.method == "GET":
        return page("archive", course=course)
    if request.form.get("action") == "back":
        teaching.bring_back_course(actor=actor(), course=course)
        flash(_("The course is what it was before."), "success")
    else:
        teaching.archive_course(actor=actor(), course=course)
        flash(_("The course is archived: everybody who took part can read it, nobody can change it."), "success")
    return redirect(url_for("courses.course", course_id=course_id), 303)
