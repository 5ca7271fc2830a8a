"""Screens about coordinators: who they are, asking to be one, and the one-time link that makes one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.db import as_key, db, get_or_none
from lti_tool.core.errors import Invalid, SignInNeeded
from lti_tool.core.limits import limit
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings
from lti_tool.organizations.models import Organization
from lti_tool.people import coordinators as office
from lti_tool.people.models import ASKED, CONFIRMED, Coordinator
from lti_tool.people.names import office_name
from lti_tool.people.queries import coordinators_of, offices

blueprint = Blueprint("coordinators", __name__)
OPEN_VIEWS = {"coordinators.link"}


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None and request.endpoint not in OPEN_VIEWS:
        raise SignInNeeded


@blueprint.get("/organizations/<int:organization_id>/coordinators")
def index(organization_id: int) -> str:
    """Who answers for the organization, and who asks to."""
    return _list(_organization("coordinator.list", organization_id))


def _list(organization: Organization, *, fault: str = "", reason: str = "", marked: Collection[int] = ()) -> str:
    page = paged(
        coordinators_of(organization.id),
        request.args.get("page", 1, type=int),
        lambda number: url_for(".index", organization_id=organization.id, page=number),
    )
    shown = offices(organization.id, page.items)
    return render_template(
        "people/coordinators.html",
        organization=organization,
        page=page,
        asking=[each for each in shown if each.coordinator.state == ASKED],
        offices=[each for each in shown if each.coordinator.state == CONFIRMED],
        name=lambda each: office_name(g.actor, each),
        fault=fault,
        reason=reason,
        marked=marked,
    )


@blueprint.post("/organizations/<int:organization_id>/coordinators/requests")
def decide(organization_id: int) -> Any:
    """Answer several who ask at once: confirm, or refuse with a reason that they read."""
    organization = _organization("coordinator.list", organization_id)
    wanted = set(request.form.getlist("request", type=as_key))
    asking = [each for each in db.session.scalars(coordinators_of(organization.id)) if each.id in wanted]
    for each in asking:
        require(g.actor, "coordinator.decide", each)
    yes, reason = request.form.get("answer") == "yes", request.form.get("reason", "")[:1000]
    try:
        if not asking:
            raise Invalid({"request": _("Mark at least one line first.")})
        count = office.decide_requests(actor=g.actor, requests=asking, yes=yes, reason=reason)
    except Invalid as error:
        return _list(organization, fault=str(error.message), reason=reason, marked=wanted), 422
    flash(ngettext("%(num)d request has been answered.", "%(num)d requests have been answered.", count), "success")
    return redirect(url_for(".index", organization_id=organization.id), 303)


@blueprint.post("/organizations/<int:organization_id>/coordinators")
def appoint(organization_id: int) -> str:
    """A one-time link for a new coordinator; it is shown this once."""
    organization = _organization("coordinator.appoint", organization_id)
    appointment, code = office.appoint(actor=g.actor, organization_id=organization.id)
    address = f"{current_settings().base_url}{url_for('.link', code=code)}"
    return render_template(
        "people/appointed.html", organization=organization, appointment=appointment, address=address, code=code
    )


@blueprint.post("/coordinators/<int:coordinator_id>/end")
def end(coordinator_id: int) -> Any:
    """End somebody's office, or the own wish for it."""
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
