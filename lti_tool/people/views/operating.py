"""The operator's own screens: signing in by a one-time link, the overview, the page of all rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from lti_tool.core.limits import limit
from lti_tool.core.policy import require
from lti_tool.organizations.policy import OperatorSignInNeeded
from lti_tool.people import session
from lti_tool.people.operators import LinkOver, link_is_open, use_link
from lti_tool.people.queries import organizations_asking
from lti_tool.people.rules import groups
from lti_tool.platforms.queries import ailing, health_of, waiting_registrations

blueprint = Blueprint("operator", __name__, url_prefix="/operator")
HUB = "hub"
"""The thing that rules about the hub as a whole are asked for."""
OPEN_VIEWS = {"operator.sign_in", "operator.use_sign_in"}


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None and request.endpoint not in OPEN_VIEWS:
        raise OperatorSignInNeeded


@blueprint.get("/sign-in")
@limit("60 per minute")
def sign_in() -> Response:
    """A button: programs that look at links in mails must not use this one up."""
    code = request.args.get("code", "")
    if not link_is_open(code):
        raise LinkOver
    response = make_response(render_template("people/sign_in.html", code=code))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/sign-in")
@limit("60 per minute")
def use_sign_in() -> Any:
    """Use the link up and sign in."""
    session.enter_operator(use_link(request.form.get("code", "")))
    return redirect(url_for(".home"), 303)


@blueprint.post("/sign-out")
def sign_out() -> Any:
    """End the session."""
    session.leave()
    return redirect(url_for("home.index"), 303)


@blueprint.get("")
def home() -> str:
    """What needs an operator now."""
    require(g.actor, "hub.see", HUB)
    return render_template(
        "people/operator.html",
        waiting=health_of(waiting_registrations()),
        ailing=health_of(ailing()),
        asking=organizations_asking(),
    )


@blueprint.get("/rules")
def rules() -> str:
    """Every rule of who may do what, in words."""
    require(g.actor, "rules.see", HUB)
    search = request.args.get("search", "")[:100]
    return render_template("people/rules.html", groups=groups(search), search=search)
