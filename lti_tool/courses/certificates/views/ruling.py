"""The host decides what a certificate asks for and says."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.errors import Invalid
from lti_tool.core.versions import Outdated
from lti_tool.courses.certificates.forms import RulesForm
from lti_tool.courses.certificates.operations import set_rules
from lti_tool.courses.certificates.queries import chosen_ids, countable, rule_of
from lti_tool.courses.views.base import actor, blueprint, course_for, form_status, page


@blueprint.route("/<int:course_id>/certificates/rules", methods=["GET", "POST"])
def certificate_rules(course_id: int) -> Any:
    """What is asked for, and what the certificate says."""
    access = course_for("certificates.set", course_id)
    rule, activities = rule_of(course_id), countable(course_id)
    form = RulesForm.of(rule, chosen_ids(rule) if rule else [])
    form.choose_from(activities)
    shown = {"course": access.course, "access": access, "form": form, "activities": activities}
    if request.method != "POST" or not form.validate():
        return page("certificates/rules", status=form_status(form), **shown)
    chosen = form.activities.data or []
    try:
        set_rules(actor=actor(), course=access.course, seen=form.seen, wanted=form.value(), chosen=chosen)
    except Outdated:
        theirs = rule_of(course_id)
        assert theirs is not None
        form.now_from(theirs.version)
        named = set(chosen_ids(theirs))
        titles = [one.title for one in activities if one.id in named]
        return page("certificates/rules", status=409, theirs=theirs, their_titles=titles, **shown)
    except Invalid as fault:
        for name, sentence in fault.errors.items():
            form[name].errors = [*form[name].errors, sentence]
        return page("certificates/rules", status=422, **shown)
    flash(_("Saved."), "success")
    return redirect(url_for("courses.course_certificates", course_id=course_id), 303)
