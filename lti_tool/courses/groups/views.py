"""Screens of groups: the sets of a course, arranging one, and a pupil's own groups."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.access import Access
from lti_tool.courses.groups import operations as groups
from lti_tool.courses.groups.forms import GroupingForm
from lti_tool.courses.groups.models import Group, Grouping
from lti_tool.courses.groups.queries import (
    activities_with_groups,
    arranged,
    grouping_named,
    groupings_of,
    groups_of,
    members_of_each,
    own_groups,
)
from lti_tool.courses.groups.wording import way_names
from lti_tool.courses.views.base import activity_for, actor, blueprint, course_for, form_status, page


@blueprint.route("/<int:course_id>/groups", methods=["GET", "POST"])
def course_groups(course_id: int) -> Any:
    """The sets of groups; for a pupil the own groups, and those to choose from."""
    access = course_for("course.see" if request.method == "GET" else "course.edit", course_id)
    if not allows(actor(), "groups.see", access):
        return _own(access)
    form = GroupingForm()
    if request.method == "POST" and form.validate():
        try:
            made = groups.make_grouping(actor=actor(), course=access.course, wanted=form.value())
            return redirect(url_for("courses.grouping", grouping_id=made.id), 303)
        except Invalid as fault:
            for name, sentence in fault.errors.items():
                form[name].errors = [*form[name].errors, sentence]
    lines = groupings_of(access.course)
    activities = activities_with_groups(access.course) if access.hosts and lines else []
    shown = {"access": access, "course": access.course, "lines": lines, "activities": activities, "ways": way_names()}
    return page("groups/list", status=form_status(form), form=form, **shown)


def _own(access: Access) -> Any:
    identity_id = actor().identity_id
    assert identity_id is not None
    own = own_groups(access.course.id, identity_id)
    members = members_of_each(access.course.id, [one.group.id for one in own if one.group is not None])
    return page("groups/own", access=access, course=access.course, own=own, members=members)


def _grouping(grouping_id: int, verb: str) -> tuple[Access, Grouping]:
    found = grouping_named(grouping_id)
    if found is None:
        raise NotFound
    return course_for(verb, found.course_id), found


@blueprint.get("/groups/<int:grouping_id>")
def grouping(grouping_id: int) -> Any:
    """Who is in which group; the host arranges here."""
    access, found = _grouping(grouping_id, "groups.see")
    return _page(access, found)


def _page(access: Access, found: Grouping, **more: Any) -> Any:
    shown: dict[str, Any] = {
        "access": access,
        "course": access.course,
        "grouping": found,
        "arranged": arranged(found),
    }
    return page("groups/grouping", way=way_names()[found.way], **shown, **more)


@blueprint.post("/groups/<int:grouping_id>")
def arrange_groups(grouping_id: int) -> Any:
    """Place a pupil, add, rename or remove a group, deal out the rest, remove the set."""
    access, found = _grouping(grouping_id, "course.edit")
    action = request.form.get("action", "")
    if action == "remove":
        groups.remove_grouping(actor=actor(), grouping=found)
        flash(_("The groups are removed."), "success")
        return redirect(url_for("courses.course_groups", course_id=access.course.id), 303)
    try:
        flash(_act(found, action), "success")
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
    return redirect(url_for("courses.grouping", grouping_id=grouping_id), 303)


def _act(found: Grouping, action: str) -> str:
    title = request.form.get("title", "")
    if action == "place":
        pupil, group = request.form.get("pupil", 0, type=as_key), request.form.get("group", type=as_key)
        groups.place(actor=actor(), grouping=found, identity_id=pupil, group_id=group)
    elif action == "deal":
        count = groups.deal_rest(actor=actor(), grouping=found)
        return str(ngettext("%(num)d pupil is placed.", "%(num)d pupils are placed.", count))
    elif action == "add":
        groups.add_group(actor=actor(), grouping=found, title=title)
    elif action == "rename":
        groups.rename_group(actor=actor(), group=_group(found), title=title)
    elif action == "drop":
        groups.remove_group(actor=actor(), group=_group(found))
    else:
        raise BadRequest
    return str(_("Saved."))


def _group(found: Grouping) -> Group:
    wanted = request.form.get("group", 0, type=as_key)
    for one in groups_of(found):
        if one.id == wanted:
            return one
    raise NotFound


@blueprint.post("/groups/<int:grouping_id>/choose")
def choose_group(grouping_id: int) -> Any:
    """A pupil chooses."""
    access, found = _grouping(grouping_id, "groups.choose")
    groups.choose(actor=actor(), grouping=found, group_id=request.form.get("group", 0, type=as_key))
    flash(_("Saved."), "success")
    return redirect(url_for("courses.course_groups", course_id=access.course.id), 303)


@blueprint.post("/activities/<int:activity_id>/groups")
def activity_groups(activity_id: int) -> Any:
    """Which set of groups an activity uses."""
    access = activity_for("course.edit", activity_id)
    wanted = request.form.get("grouping", type=as_key)
    found = None if wanted is None else grouping_named(wanted)
    try:
        groups.use_groups(actor=actor(), activity=access.the_activity, grouping=found)
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("courses.course_groups", course_id=access.course.id), 303)
