"""The calendar itself, for programs without a session, and the page where its address is made and ended."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer

from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.limits import limit
from lti_tool.courses.calendar.operations import end_address, renew_address
from lti_tool.courses.calendar.queries import Owner, entries_of, feed_of, owner_of
from lti_tool.courses.calendar.writing import written
from lti_tool.people.session import is_held

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@blueprint.route("", methods=["GET", "POST"])
def own() -> Any:
    """The own address: make it, make another one, end it."""
    if g.actor is None:
        raise SignInNeeded
    if g.actor.identity_id is None:
        raise NotFound
    if request.method == "POST":
        return _change(request.form.get("action", ""))
    feed = feed_of(g.actor)
    address = url_for(".feed", address=_signer().dumps(feed.name), _external=True) if feed else ""
    return render_template("courses/calendar/own.html", feed=feed, address=address)


def _change(action: str) -> Any:
    if action == "renew":
        renew_address(actor=g.actor)
        flash(_("This is your address. One that you had before leads nowhere any more."), "success")
    elif action == "end":
        end_address(actor=g.actor)
        flash(_("Your calendar's address leads nowhere any more."), "success")
    return redirect(url_for(".own"), 303)


@blueprint.get("/<address>.ics")
@limit("30 per minute", key=lambda: str((request.view_args or {}).get("address")))
def feed(address: str) -> Any:
    """The calendar; who has the address reads it, nobody signs in."""
    owner = _owner(address)
    with force_locale(owner.locale):
        content = written(entries_of(owner))
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = 'attachment; filename="schools-together.ics"'
    response.add_etag()
    return response.make_conditional(request)


def _owner(address: str) -> Owner:
    """Raises NotFound for what is no address in force, and while consent is missing or the school is away."""
    try:
        name = _signer().loads(address)
    except BadData:
        raise NotFound from None
    owner = owner_of(name) if isinstance(name, str) else None
    if owner is None or is_held(owner.identity_id, pupil=owner.as_pupil):
        raise NotFound
    return owner


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="calendar")
