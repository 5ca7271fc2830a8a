"""Screens of the host's teachers: write a course, arrange it, publish it, offer it to schools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid
from lti_tool.core.markdown import render as render_markdown
from lti_tool.core.policy import require
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import Access
from lti_tool.courses.forms import CourseForm
from lti_tool.courses.kinds import kind_named, kind_of
from lti_tool.courses.models import Activity
from lti_tool.courses.operations import teaching
from lti_tool.courses.operations.partners import set_visibility
from lti_tool.courses.queries.courses import offer_page, schools_of
from lti_tool.courses.queries.outline import comes_before_something, outline_of
from lti_tool.courses.queries.scales import states_of_scales
from lti_tool.courses.queries.work import work_counts
from lti_tool.courses.views.attaching import Brought
from lti_tool.courses.views.base import activity_for, actor, blueprint, course_for, form_status, page


@blueprint.route("/new", methods=["GET", "POST"])
def new_course() -> Any:
    organization_id = actor().organization_id
    require(actor(), "course.create", organization_id)
    form = CourseForm.of(None)
    if _wants_saving() and form.validate():
        assert organization_id is not None
        course = teaching.create_course(actor=actor(), organization_id=organization_id, text=form.value())
        flash(
            _("The course is made. Now add pages and assignments; nobody else sees it before you publish it."),
            "success",
        )
        return redirect(url_for("courses.course", course_id=course.id), 303)
    return page("course_form", status=form_status(form), form=form, course=None, preview=_preview(form.description))


@blueprint.route("/<int:course_id>/edit", methods=["GET", "POST"])
def edit_course(course_id: int) -> Any:
    access = course_for("course.edit", course_id)
    form, course = CourseForm.of(access.course), access.course

    def save() -> None:
        teaching.edit_course(actor=actor(), course=course, seen=form.seen, text=form.value())

    shown = {"form": form, "course": course, "preview": _preview(form.description)}
    return _edit(form, course, "course_form", shown, save) or redirect(
        url_for("courses.course", course_id=course_id), 303
    )


@blueprint.route("/<int:course_id>/activities/new/<kind>", methods=["GET", "POST"])
def new_activity(course_id: int, kind: str) -> Any:
    access = course_for("course.edit", course_id)
    chosen = kind_named(kind)
    form = chosen.form(None)
    form.choose_from(outline_of(course_id), None, request.args.get("unit", type=as_key))
    shown = {"form": form, "course": access.course, "activity": None, "kind": chosen, "files": Brought(chosen, None)}
    if not (_wants_saving() and form.validate() and shown["files"].valid):
        return _activity_page(shown, form_status(form))
    settings, unit_id = form.settings(), form.unit.data
    try:
        activity = teaching.add_activity(
            actor=actor(), course=access.course, kind=chosen, text=form.value(), settings=settings, unit_id=unit_id
        )
        shown["files"].keep(activity)
    except Invalid as fault:
        _show_fault(form, fault)
        return _activity_page(shown, 422)
    flash(_("“%(title)s” is added.", title=activity.title), "success")
    return redirect(url_for("courses.course", course_id=course_id, _anchor=f"activity-{activity.id}"), 303)


@blueprint.route("/activities/<int:activity_id>/edit", methods=["GET", "POST"])
def edit_activity(activity_id: int) -> Any:
    access = activity_for("course.edit", activity_id)
    activity = access.the_activity
    kind = kind_of(activity)
    form = kind.form(activity)
    form.choose_from(outline_of(activity.course_id), activity)
    shown = {
        "form": form,
        "course": access.course,
        "activity": activity,
        "kind": kind,
        "files": Brought(kind, activity),
    }
    if not (_wants_saving() and form.validate() and shown["files"].valid):
        return _activity_page(shown, form_status(form))
    try:
        teaching.edit_activity(
            actor=actor(), activity=activity, seen=form.seen, text=form.value(), settings=form.settings()
        )
        shown["files"].keep(activity)
    except Outdated:
        form.now_from(activity.version)
        return _activity_page(shown | {"theirs": activity}, 409)
    except Invalid as fault:
        _show_fault(form, fault)
        return _activity_page(shown, 422)
    flash(_("Saved."), "success")
    return redirect(url_for("courses.activity", activity_id=activity_id), 303)


def _activity_page(shown: dict[str, Any], status: int) -> Any:
    status = 422 if status == 200 and not shown["files"].valid else status
    return page("activity_form", status=status, preview=_preview(shown["form"].body, shown["files"].pictures), **shown)


def _edit(form: Any, row: Any, template: str, shown: dict[str, Any], save: Callable[[], None]) -> Any:
    """Show or save a form that others may have changed meanwhile; None when it is saved."""
    if not (_wants_saving() and form.validate()):
        return page(template, status=form_status(form), **shown)
    try:
        save()
    except Outdated:
        form.now_from(row.version)
        return page(template, status=409, theirs=row, **shown)
    except Invalid as fault:
        _show_fault(form, fault)
        return page(template, status=422, **shown)
    flash(_("Saved."), "success")
    return None


def _show_fault(form: Any, fault: Invalid) -> None:
    for name, sentence in fault.errors.items():
        if name not in form:  # of a file, which the picker says itself
            continue
        form[name].errors = [*form[name].errors, sentence]


def _wants_saving() -> bool:
    return request.method == "POST" and request.form.get("action") != "preview"


def _preview(field: Any, pictures: Any = None) -> Any:
    """The formatted text when it was asked for by the form's other button."""
    wanted = request.method == "POST" and request.form.get("action") == "preview"
    return render_markdown(field.data or "", pictures) if wanted else None


@blueprint.route("/activities/<int:activity_id>/delete", methods=["GET", "POST"])
def delete_activity(activity_id: int) -> Any:
    access = activity_for("course.edit", activity_id)
    activity: Activity = access.the_activity
    if request.method == "POST":
        teaching.delete_activity(actor=actor(), activity=activity)
        flash(_("“%(title)s” is taken out of the course.", title=activity.title), "success")
        return redirect(url_for("courses.course", course_id=access.course.id), 303)
    counts = work_counts(activity) if kind_of(activity).works else {}
    waits = comes_before_something(activity)
    return page("activity_delete", course=access.course, activity=activity, counts=counts, waits=waits)


@blueprint.get("/<int:course_id>/sharing")
def sharing(course_id: int) -> Any:
    access = course_for("course.edit", course_id)
    return _sharing_page(access)


def _sharing_page(access: Access) -> Any:
    search = request.args.get("q", "").strip()[:100]
    return page(
        "sharing",
        access=access,
        course=access.course,
        offers=offer_page(access.course, search),
        search=search,
        schools=schools_of(access.course),
        scales=states_of_scales(access.course.id),
    )


@blueprint.post("/<int:course_id>/sharing")
def share(course_id: int) -> Any:
    course = course_for("course.edit", course_id).course
    action = request.form.get("action")
    if action == "publish":
        teaching.publish_course(actor=actor(), course=course)
        flash(_("The course is published: schools can join it now."), "success")
    elif action == "unpublish":
        teaching.unpublish_course(actor=actor(), course=course)
        flash(_("The course is closed to pupils until you publish it again. Everything in it is kept."), "success")
    elif action == "renew":
        teaching.renew_code(actor=actor(), course=course, old=request.form.get("old", ""))
        flash(_("There is a new join code. The old one no longer works; schools that joined with it stay."), "success")
    elif action == "visibility":
        try:
            set_visibility(actor=actor(), course=course, visibility=request.form.get("visibility", ""))
        except Invalid as fault:
            flash(next(iter(fault.errors.values())), "danger")
        else:
            flash(_("Saved."), "success")
    elif action == "offer":
        shown, chosen = (request.form.getlist(name, type=as_key) for name in ("shown", "chosen"))
        teaching.offer_course(actor=actor(), course=course, shown=shown, chosen=chosen)
        flash(_("The list is saved."), "success")
    else:
        raise BadRequest
    return redirect(url_for("courses.sharing", course_id=course_id, q=request.form.get("q") or None), 303)
