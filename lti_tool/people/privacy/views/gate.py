"""The gate: whoever has to answer first is led to the page of consent, and from there to where they were going."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.core.errors import DomainError
from lti_tool.core.web import in_bearer_mode
from lti_tool.people.actor import Actor

_open_endpoints = {"static", "web.language", "web.favicon", "operator.sign_out"}
_open_blueprints = {"privacy", "my_data", "metrics", "guests"}
_coordinators_blueprints: set[str] = set()


class Held(DomainError):
    """Something was sent by a person who has to answer first; what was typed is shown to be copied, and kept as a
    draft by the page it was typed on."""

    status = 403
    message = _l("Before you go on, your school asks for your consent. Nothing was saved yet.")
    todo = (_l("Open the page about consent and answer. Then come back here and send this once more."),)


def open_to_coordinators(*blueprints: str) -> None:
    """Let coordinators reach the pages of their office without an answer; pages with the organization's number in
    their address are open to them anyway."""
    _coordinators_blueprints.update(blueprints)


def open_to_held(*endpoints: str) -> None:
    """Let people who have to answer first reach these as well."""
    _open_endpoints.update(endpoints)


def hold_back() -> Any:
    """Before every request: nothing for whoever is not held."""
    actor: Actor | None = g.get("actor")
    if actor is None or not actor.held or _is_open() or _is_office(actor):
        return None
    if request.method in ("GET", "HEAD") and _is_page():
        return redirect(url_for("privacy.ask", next=request.full_path.removesuffix("?")), 303)
    raise Held(ways=[(url_for("privacy.ask", next=_way_back()), _("Go to the page about consent"), False)])


def _is_open() -> bool:
    return (
        request.endpoint is None
        or request.endpoint in _open_endpoints
        or request.blueprint in _open_blueprints
        or request.path.startswith("/lti/")
    )


def _is_office(actor: Actor) -> bool:
    """Coordinators reach their organization's pages, LMS administrators those of their registration."""
    named = request.view_args or {}
    if actor.coordinates and named.get("organization_id") == actor.organization_id:
        return True
    if actor.administers is not None and named.get("registration_id") == actor.administers:
        return True
    return actor.coordinates and request.blueprint in _coordinators_blueprints


def _is_page() -> bool:
    """Not a part of a page, nor a file that a script fetches: these cannot be answered by another page."""
    return bool(request.headers.get("HX-Request")) == in_bearer_mode()


def _way_back() -> str:
    """The page a refused form was on."""
    here = request.full_path.removesuffix("?")
    came = request.headers.get("HX-Current-URL") or request.referrer or ""
    return came.removeprefix(request.host_url.rstrip("/")) if came.startswith(request.host_url) else here
