"""What the screens about registrations share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid, SignInNeeded
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings
from lti_tool.organizations.models import Organization
from lti_tool.organizations.policy import OperatorSignInNeeded
from lti_tool.platforms.models import Registration
from lti_tool.platforms.tool import ToolAddresses

blueprint = Blueprint("platforms", __name__)
OPEN_VIEWS = {"platforms.start", "platforms.register", "platforms.config"}
"""For strangers: an invitation, or nothing, is all they need."""


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None and request.endpoint not in OPEN_VIEWS:
        raise OperatorSignInNeeded if request.path.startswith("/operator/") else SignInNeeded


def addresses() -> ToolAddresses:
    """The tool's own addresses."""
    return ToolAddresses(current_settings().base_url)


def organization_for(verb: str, organization_id: int) -> Organization:
    """The organization, when the actor may do `verb`; NotFound otherwise."""
    found = get_or_none(Organization, organization_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def registration_for(verb: str, registration_id: int) -> Registration:
    """The registration, when the actor may do `verb`; NotFound when the actor may not even see it."""
    found = get_or_none(Registration, registration_id)
    require(g.actor, verb, found, see="registration.see")
    assert found is not None
    return found


def show_faults(form: Any, error: Invalid) -> None:
    """Put an operation's findings beside the form's fields."""
    for name, text in error.errors.items():
        field = form[name]
        field.errors = [*field.errors, text]
