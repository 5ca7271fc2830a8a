"""The page of more time: who has it, and giving it to many at once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.assignments.forms import ExtensionForm
from lti_tool.courses.assignments.operations import extending
from lti_tool.courses.assignments.queries import extensions_of
from lti_tool.courses.models import ASSIGNMENT
from lti_tool.courses.queries.courses import schools_of
from lti_tool.courses.queries.work import pupils_page
from lti_tool.courses.views.base import activity_for, actor, blueprint, form_status, page, page_number
from lti_tool.people.names import display_name, school_name


@blueprint.route("/activities/<int:activity_id>/extensions", methods=["GET", "POST"])
def extensions(activity_id: int) -> Any:
    """Give more time to pupils and classes, or take it back."""
    access = activity_for("course.edit", activity_id)
    if access.the_activity.kind != ASSIGNMENT:
        raise NotFound
    if request.method == "GET":
        return _extensions_page(access, ExtensionForm(formdata=None))
    here = url_for("courses.extensions", activity_id=activity_id)
    gone = request.form.get("remove", type=as_key)
    if gone is not None:
        extending.take_back(actor=actor(), activity=access.the_activity, extension_id=gone)
        flash(_("Taken back: the dates for everybody hold again."), "success")
        return redirect(here, 303)
    form = ExtensionForm()
    if not form.validate() or form.due_at.moment is None:
        return _extensions_page(access, form)
    pupils, classes = (request.form.getlist(name, type=as_key) for name in ("pupil", "class"))
    try:
        count = extending.extend(
            actor=actor(),
            activity=access.the_activity,
            identity_ids=pupils,
            participation_ids=classes,
            due_at=form.due_at.moment,
            until=form.until.moment,
            reason=form.reason.data,
        )
    except Invalid as fault:
        form.form_errors = [*form.form_errors, *map(str, fault.errors.values())]
        return _extensions_page(access, form)
    flash(ngettext("%(num)d extension is given.", "%(num)d extensions are given.", count), "success")
    return redirect(here, 303)


def _extensions_page(access: ActivityAccess, form: ExtensionForm) -> Any:
    school = request.values.get("of_class", type=as_key)
    found = pupils_page(access.course.id, participation_id=school, page=page_number())
    return page(
        "assignments/extensions",
        status=form_status(form),
        access=access,
        course=access.course,
        activity=access.the_activity,
        form=form,
        given=extensions_of(access.the_activity),
        classes=schools_of(access.course),
        of_class=school,
        found=found,
        chosen=set(request.values.getlist("pupil", type=as_key)),
        chosen_classes=set(request.form.getlist("class", type=as_key)),
        given_to=_given_to,
        given_by=lambda each: display_name(actor(), each.given_by, teacher=True),
    )


def _given_to(extension: Any) -> str:
    if extension.participation is not None:
        context = extension.participation.context
        return f"{context.title}, {context.registration.organization.name}"
    return f"{display_name(actor(), extension.identity)}, {school_name(extension.identity)}"
