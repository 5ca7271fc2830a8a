"""What the screens of the console share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Conflict
from lti_tool.core.policy import require
from lti_tool.organizations.models import Organization
from lti_tool.organizations.policy import OperatorSignInNeeded

blueprint = Blueprint("console", __name__, url_prefix="/operator")
EVERY = "everything"
"""The thing that rules about whole lists are asked for."""


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise OperatorSignInNeeded


@blueprint.before_app_request
def _lead_on() -> Any:
    """Links to an organization that was merged lead to the one that has everything now: for operators, and for its
    own people. Everyone else is told nothing."""
    number = (request.view_args or {}).get("organization_id")
    actor = g.get("actor")
    if actor is None or not isinstance(number, int):
        return None
    found = get_or_none(Organization, number)
    target = found.merged_into_id if found is not None else None
    if target is None or not (actor.is_operator or actor.organization_id == target):
        return None
    if request.method not in ("GET", "HEAD"):
        raise Conflict(_("This organization has been merged into number %(number)d.", number=target))
    assert request.endpoint is not None
    arguments = {**request.args.to_dict(), **(request.view_args or {}), "organization_id": target}
    return redirect(url_for(request.endpoint, **arguments), 302)


def organization_for(verb: str, organization_id: int) -> Organization:
    """The organization, when the actor may do `verb`; NotFound otherwise."""
    found = get_or_none(Organization, organization_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def asked_page() -> int:
    """The number of the page that is asked for."""
    return request.args.get("page", 1, type=int)
