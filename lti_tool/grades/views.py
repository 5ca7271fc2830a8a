"""How one school's grades get on, for its LMS administrators and for operators. No person is named."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import ngettext

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.policy import require
from lti_tool.grades.operations import retry_scores
from lti_tool.grades.queries import held_scores, lane_states, open_scores
from lti_tool.grades.wording import explain_delivery, state_name
from lti_tool.platforms.models import Registration

blueprint = Blueprint("grades", __name__)


@blueprint.get("/registrations/<int:registration_id>/deliveries")
def deliveries(registration_id: int) -> str:
    """What waits, what failed and why, by column; whether the LMS answers at all."""
    registration = _registration("deliveries.see", registration_id)
    lane = next(iter(lane_states(registration.id)), None)
    return render_template(
        "grades/deliveries.html",
        registration=registration,
        lane=lane,
        rows=open_scores(registration.id),
        operates=g.actor.is_operator,
    )


@blueprint.post("/registrations/<int:registration_id>/deliveries")
def retry(registration_id: int) -> Any:
    """Send once more, now, whatever waits for a person."""
    registration = _registration("deliveries.retry", registration_id)
    count = retry_scores(actor=g.actor, score_ids=held_scores(registration.id))
    flash(ngettext("%(num)d grade is sent once more.", "%(num)d grades are sent once more.", count), "success")
    return redirect(url_for(".deliveries", registration_id=registration.id), 303)


def _registration(verb: str, registration_id: int) -> Registration:
    if g.actor is None:
        raise SignInNeeded
    registration = get_or_none(Registration, registration_id)
    require(g.actor, verb, registration)
    if registration is None:
        raise NotFound
    return registration


blueprint.add_app_template_global(lane_states, "lane_states")
blueprint.add_app_template_global(state_name, "delivery_state")
blueprint.add_app_template_global(explain_delivery, "explain_delivery")
