"""Screens that compare the schools' gradebooks with a course's grades, and let a teacher choose which grade stands."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key
from lti_tool.core.policy import allows
from lti_tool.courses.access import Access
from lti_tool.courses.queries.comparison import DifferenceRow, comparison_of, differences_of, scope_of
from lti_tool.courses.views.base import actor, blueprint, course_for, page, page_number
from lti_tool.grades.reconciliation.models import KEEP_THEIRS, SEND_OURS
from lti_tool.grades.reconciliation.operations import keep_theirs, request_comparisons, send_ours
from lti_tool.grades.reconciliation.queries import column_states, open_differences
from lti_tool.people.names import display_name


@blueprint.get("/<int:course_id>/gradebook/comparison")
def comparison(course_id: int) -> Any:
    """The comparison's state alone: htmx asks for it while gradebooks are being read."""
    return _panel(course_for("course.see_grades", course_id))


@blueprint.post("/<int:course_id>/gradebook/comparison")
def compare(course_id: int) -> Any:
    """Have the gradebooks read and compared now."""
    access = course_for("course.see_grades", course_id)
    columns = column_states(scope_of(access.course, own_classes(access)))
    request_comparisons(actor=actor(), line_item_ids=[column.line_item_id for column in columns])
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        return _panel(access)
    return redirect(url_for("courses.grades", course_id=course_id, _anchor="comparison"), 303)


def _panel(access: Access) -> Any:
    found = comparison_of(access.course, own_classes(access))
    return page("comparison", access=access, course=access.course, comparison=found)


@blueprint.get("/<int:course_id>/gradebook/differences")
def differences(course_id: int) -> Any:
    """Grades that are not the same in a school's gradebook and here."""
    access = course_for("course.see_grades", course_id)
    activity_id, decided = request.args.get("activity", type=as_key), request.args.get("show") == "decided"
    chosen: dict[str, Any] = {"activity": activity_id, "show": "decided" if decided else None}

    def address(number: int) -> str:
        return url_for("courses.differences", course_id=course_id, page=number, **chosen)

    own = own_classes(access)
    found = differences_of(
        access.course, own, activity_id=activity_id, decided=decided, number=page_number(), address=address
    )
    shown: dict[str, Any] = {"access": access, "course": access.course, "found": found}
    shown |= {"activity_id": activity_id, "decided": decided, "person_of": person_of}
    settles = allows(actor(), "course.settle_differences", access)
    return page("differences", comparison=comparison_of(access.course, own), settles=settles, **shown)


@blueprint.post("/<int:course_id>/gradebook/differences")
def settle(course_id: int) -> Any:
    """Keep the LMS's grade or send ours once more: for one difference, or for all that are listed."""
    access = course_for("course.settle_differences", course_id)
    activity_id, choice = request.form.get("activity", type=as_key), request.form.get("choice", "")
    scope = scope_of(access.course, own_classes(access), activity_id)
    chosen = open_differences(scope, request.form.get("difference", type=as_key))
    if choice == KEEP_THEIRS:
        count = keep_theirs(actor=actor(), difference_ids=chosen)
        told = ngettext("%(num)d grade of the LMS stays.", "%(num)d grades of the LMS stay.", count)
    elif choice == SEND_OURS:
        count = send_ours(actor=actor(), difference_ids=chosen)
        told = ngettext("%(num)d grade is sent once more.", "%(num)d grades are sent once more.", count)
    else:
        raise BadRequest
    flash(told, "success")
    return redirect(url_for("courses.differences", course_id=course_id, activity=activity_id), 303)


def own_classes(access: Access) -> Any:
    """The classes whose grades the actor may see; None: all of them."""
    return None if access.hosts else access.teaching


def person_of(row: DifferenceRow, access: Access) -> str:
    """Whom a difference is about, as the actor may read it; only the own school reads a number of its LMS."""
    identity = row.difference.identity
    if identity is not None:
        return display_name(actor(), identity, full=access.hosts and row.participation.full_names)
    if row.participation.context.registration_id == actor().registration_id:
        return str(_("Somebody with the number %(number)s in your LMS", number=row.difference.lms_user_id))
    return str(_("Somebody the tool does not know"))
