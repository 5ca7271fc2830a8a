"""What the screens of guests share, and the door that keeps external partners to the pages meant for them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request
from flask_babel import lazy_gettext as _l

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid, NotAllowed, SignInNeeded
from lti_tool.core.policy import require
from lti_tool.people.guests.models import Guest

blueprint = Blueprint("guests", __name__)
OPEN_VIEWS = {
    f"guests.{name}"
    for name in (
        "link",
        "use_link",
        "sign_in",
        "passkey_options",
        "enter_by_passkey",
        "ask_code",
        "code",
        "enter_by_code",
    )
}
"""For who is not signed in yet."""
_open_to_partners: set[str] = {"static", "web.favicon", "web.language"}


class GuestSignInNeeded(SignInNeeded):
    """A page of or about people invited by name, and nobody is signed in."""

    message = _l("You are not signed in, or your session is over.")
    todo: tuple[Any, ...] = (
        _l("If you were invited personally: go to the start page and choose “Sign in”, or ask for a new link."),
        _l("If you come from an LMS: return to your course and open the link once more."),
    )


class NotForPartners(NotAllowed):
    """An external partner opens a page that is not theirs."""

    message = _l("You were invited as an external partner, and this page is not part of what is open to you.")
    todo: tuple[Any, ...] = (
        _l("Go to the start page: it shows what you take part in."),
        _l("If you need more, ask the coordinator of your organization."),
    )


def open_to_partners(*endpoints: str) -> None:
    """Let external partners open these pages, each of which still asks its own rule; all others refuse them."""
    _open_to_partners.update(endpoints)


@blueprint.before_app_request
def _keep_partners_out() -> None:
    actor = g.get("actor")
    if actor is None or not actor.is_partner or request.endpoint is None:
        return
    if request.blueprint != blueprint.name and request.endpoint not in _open_to_partners:
        raise NotForPartners


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None and request.endpoint not in OPEN_VIEWS:
        raise GuestSignInNeeded


def own_guest() -> Guest:
    """The guest who is signed in; NotFound for everybody else."""
    found = get_or_none(Guest, g.actor.guest_id or 0)
    require(g.actor, "guest.ways", found)
    assert found is not None
    return found


def show_faults(form: Any, error: Invalid) -> None:
    """Put an operation's findings beside the form's fields."""
    for name, text in error.errors.items():
        form[name].errors = [*form[name].errors, text]
