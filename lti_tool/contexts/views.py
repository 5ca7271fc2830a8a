"""The roster's age and its refresh button, and who takes part with the history of it, for the teacher of a context."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from lti_tool.contexts.forms import EVERYBODY, read_wanted
from lti_tool.contexts.guardians.queries import class_of_pupils
from lti_tool.contexts.jobs import nudge_roster
from lti_tool.contexts.models import Context
from lti_tool.contexts.operations import effective_role
from lti_tool.contexts.queries import changes as what_changed
from lti_tool.contexts.queries import home_groups, roster_state
from lti_tool.contexts.queries import participants as who_takes_part
from lti_tool.contexts.wording import change_told, role_name, roster_trouble
from lti_tool.core.audit import record
from lti_tool.core.db import db, get_or_none
from lti_tool.core.paging import paged
from lti_tool.core.policy import allows, require
from lti_tool.core.web import local_path
from lti_tool.people.models import Identity
from lti_tool.people.names import display_name

RECENT = 10
"""Changes shown beside the list of participants."""

blueprint = Blueprint("contexts", __name__)


@blueprint.get("/contexts/<int:context_id>/roster")
def roster(context_id: int) -> str:
    """The roster's state alone: htmx asks for it while a read is under way."""
    context = get_or_none(Context, context_id)
    require(g.actor, "context.refresh_roster", context)
    assert context is not None
    return render_template("contexts/roster.html", context=context, roster=roster_state(context))


@blueprint.post("/contexts/<int:context_id>/roster")
def refresh_roster(context_id: int) -> Any:
    """Have the roster read now."""
    context = get_or_none(Context, context_id)
    require(g.actor, "context.refresh_roster", context)
    nudge_roster(context_id, force=True)
    record(g.actor, "context.refresh_roster", "context", context_id)
    if request.headers.get("HX-Request"):
        return roster(context_id)
    return redirect(local_path(request.form.get("next")) or url_for("home.index"), 303)


@blueprint.get("/contexts/<int:context_id>/participants")
def participants(context_id: int) -> str:
    """Who takes part, page by page, and what changed lately."""
    context = _for_participants(context_id)
    wanted = read_wanted()
    search: dict[str, Any] = {
        "name": wanted.name,
        "status": wanted.status or EVERYBODY,
        "role": wanted.role,
        "group": wanted.group,
    }
    found = paged(
        who_takes_part(context_id, wanted),
        request.args.get("page", 1, type=int),
        lambda number: url_for("contexts.participants", context_id=context_id, page=number, **search),
    )
    place = class_of_pupils(context_id)
    groups = {group for each in home_groups(context_id).values() for group in each}
    return render_template(
        "contexts/participants.html",
        context=context,
        roster=roster_state(context),
        may_refresh=allows(g.actor, "context.refresh_roster", context),
        guardians=place is not None and place.guardian and allows(g.actor, "guardians.confirm", place),
        page=found,
        wanted=wanted,
        groups=sorted(groups, key=lambda group: (len(group), group)),
        recent=db.session.scalars(what_changed(context_id).limit(RECENT)).unique().all(),
    )


@blueprint.get("/contexts/<int:context_id>/changes")
def changes(context_id: int) -> str:
    """Everything that changed, page by page."""
    context = _for_participants(context_id)
    page = paged(
        what_changed(context_id),
        request.args.get("page", 1, type=int),
        lambda number: url_for("contexts.changes", context_id=context_id, page=number),
    )
    return render_template("contexts/changes.html", context=context, page=page)


def _for_participants(context_id: int) -> Context:
    context = get_or_none(Context, context_id)
    require(g.actor, "context.see_participants", context)
    assert context is not None
    return context


@blueprint.app_template_global("participant_name")
def participant_name(identity: Identity) -> str:
    """What the one who looks may call a participant."""
    return display_name(g.actor, identity)


blueprint.add_app_template_global(roster_trouble, "roster_trouble")
blueprint.add_app_template_global(role_name, "role_name")
blueprint.add_app_template_global(change_told, "change_told")
blueprint.add_app_template_global(effective_role, "effective_role")
