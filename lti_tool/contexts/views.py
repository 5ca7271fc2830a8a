"""The roster's age and its refresh button, for the teacher of a context."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from lti_tool.contexts.jobs import nudge_roster
from lti_tool.contexts.models import Context
from lti_tool.contexts.queries import roster_state
from lti_tool.contexts.wording import roster_trouble
from lti_tool.core.audit import record
from lti_tool.core.db import get_or_none
from lti_tool.core.policy import require
from lti_tool.core.web import local_path

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


blueprint.add_app_template_global(roster_trouble, "roster_trouble")
