"""Screens about coordinators: who they are, asking to be one, and the one-time link that makes one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import SignInNeeded
from lti_tool.core.limits import limit
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings
from lti_tool.organizations.models import Organization
from lti_tool.people import coordinators as office
from lti_tool.people.models import Coordinator
from lti_tool.people.names import office_name
from lti_tool.people.queries import offices

blueprint = Blueprint("coordinators", __name__)
OPEN_VIEWS = {"coordinators.link"}


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None and request.endpoint not in OPEN_VIEWS:
        raise SignInNeeded


@blueprint.get("/organizations/<int:organization_id>/coordinators")
def index(organization_id: int) -> str:
    """Who answers for the organization, and who asks to."""
    organization = _organization("coordinator.list", organization_id)
    return render_template(
        "people/coordinators.html",
        organization=organization,
        offices=offices(organization.id),
        name=lambda each: office_name(g.actor, each),
    )


@blueprint.post("/organizations/<int:organization_id>/coordinators")
def appoint(organization_id: int) -> str:
    """A one-time link for a new coordinator; it is shown this once."""
    organization = _organization("coordinator.appoint", organization_id)
    appointment, code = office.appoint(actor=g.actor, organization_id=organization.id)
    address = f"{current_settings().base_url}{url_for('.link', code=code)}"
    return render_template(
        "people/appointed.html", organization=organization, appointment=appointment, address=address, code=code
    )


@blueprint.post("/coordinators/<int:coordinator_id>/confirm")
def confirm(coordinator_id: int) -> Any:
    """Say yes to who asked."""
    found = _coordinator(coordinator_id)
    office.confirm_coordinator(actor=g.actor, coordinator=found)
    flash(_("Confirmed: this person is a coordinator now."), "success")
    return redirect(url_for(".index", organization_id=found.organization_id), 303)


@blueprint.post("/coordinators/<int:coordinator_id>/end")
def end(coordinator_id: int) -> Any:
    """Say no, or end somebody's office."""
    found = _coordinator(coordinator_id)
    own = found.person_id == g.actor.person_id
    office.end_coordinator(actor=g.actor, coordinator=found)
    flash(_("Done: this person is not a coordinator."), "success")
    return redirect(url_for("home.index") if own else url_for(".index", organization_id=found.organization_id), 303)


@blueprint.post("/coordinators/ask")
def ask() -> Any:
    """An LMS administrator asks to be the coordinator."""
    _own_organization("coordinator.ask")
    office.ask_to_coordinate(actor=g.actor)
    flash(_("Your request has been sent. The people who run the hub, or another coordinator, confirm it."), "success")
    return redirect(url_for("home.index"), 303)


@blueprint.get("/coordinate")
@limit("60 per minute")
def link() -> Response:
    """The link's page: a button for who came from an LMS, else what to do with the code. Looking uses nothing up."""
    code = request.args.get("code", "")[:100]
    response = make_response(render_template("people/become_coordinator.html", code=code))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/coordinate")
@limit("60 per minute")
def accept() -> Any:
    """Use the link up."""
    _own_organization("coordinator.accept")
    office.accept_appointment(actor=g.actor, code=request.form.get("code", "").strip())
    flash(_("You are a coordinator of your organization now."), "success")
    return redirect(url_for("home.index"), 303)


def _organization(verb: str, organization_id: int) -> Organization:
    found = get_or_none(Organization, organization_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def _own_organization(verb: str) -> None:
    require(g.actor, verb, get_or_none(Organization, g.actor.organization_id or 0))


def _coordinator(coordinator_id: int) -> Coordinator:
    found = get_or_none(Coordinator, coordinator_id)
    require(g.actor, "coordinator.decide", found, see="coordinator.see")
    assert found is not None
    return found
