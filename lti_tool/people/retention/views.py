"""The page of periods: operators choose, coordinators read; both see what would go."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid, SignInNeeded
from lti_tool.core.policy import allows, require
from lti_tool.organizations.models import Organization
from lti_tool.people.retention.forms import read_days
from lti_tool.people.retention.operations import choose_periods
from lti_tool.people.retention.queries import overdue
from lti_tool.people.retention.wording import FIXED

HUB = "hub"
blueprint = Blueprint("retention", __name__)


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("/operator/retention")
def hub() -> str:
    """All periods, and what would go in the whole hub."""
    require(g.actor, "retention.choose", HUB)
    return _page(None)


@blueprint.post("/operator/retention")
def choose() -> Any:
    """Change periods."""
    require(g.actor, "retention.choose", HUB)
    try:
        choose_periods(actor=g.actor, days=read_days(request.form))
    except Invalid as invalid:
        return _page(None, faults=invalid.errors, typed=request.form), 422
    flash(_("Saved. What is over goes with the next run, within a day."), "success")
    return redirect(url_for(".hub"), 303)


@blueprint.get("/organizations/<int:organization_id>/privacy/retention")
def own(organization_id: int) -> str:
    """The periods, and what of the organization's own would go."""
    organization = get_or_none(Organization, organization_id)
    require(g.actor, "retention.see", organization)
    return _page(organization)


def _page(organization: Organization | None, **typed: Any) -> str:
    return render_template(
        "people/retention/index.html",
        organization=organization,
        periods=overdue(organization.id if organization else None),
        fixed=FIXED,
        chooses=organization is None and allows(g.actor, "retention.choose", HUB),
        **{"faults": {}, "typed": {}, **typed},
    )
