"""Screens for coordinators and operators: who was invited by name, and the links shown once."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.limits import limit
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings
from lti_tool.organizations.models import Organization
from lti_tool.people import session
from lti_tool.people.guests.forms import InviteForm
from lti_tool.people.guests.models import ACTIVE, ENDED, INVITED, Guest, GuestLink
from lti_tool.people.guests.operations.inviting import end_guest, invite_guest, make_link, take_link_back
from lti_tool.people.guests.queries import guests_of, invited
from lti_tool.people.guests.views.base import blueprint, show_faults
from lti_tool.people.names import guest_name


@blueprint.get("/organizations/<int:organization_id>/guests")
def index(organization_id: int) -> Any:
    """Who was invited by name, and the form to invite somebody."""
    return _list(_organization("guest.list", organization_id), InviteForm(), 200)


@blueprint.post("/organizations/<int:organization_id>/guests")
@limit("100 per hour")
def invite(organization_id: int) -> Any:
    """Invite somebody; the link is shown this once."""
    organization = _organization("guest.invite", organization_id)
    form = InviteForm()
    if form.validate_on_submit():
        try:
            link, code = invite_guest(
                actor=g.actor,
                organization_id=organization.id,
                name=form.name.data or "",
                role=form.role.data,
                days=form.days.data or 0,
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return _shown_once(organization, link, code)
    return _list(organization, form, 422)


@blueprint.post("/guests/<int:guest_id>/link")
@limit("100 per hour")
def new_link(guest_id: int) -> Any:
    """Another link for somebody who has no other way in."""
    guest = _guest("guest.link", guest_id)
    link, code = make_link(actor=g.actor, guest=guest)
    return _shown_once(guest.organization, link, code)


@blueprint.post("/guests/<int:guest_id>/take-back")
def take_back(guest_id: int) -> Any:
    """Make the open link useless."""
    guest = _guest("guest.link", guest_id)
    take_link_back(actor=g.actor, guest=guest)
    flash(_("The link has been taken back."), "success")
    return redirect(url_for(".index", organization_id=guest.organization_id), 303)


@blueprint.post("/guests/<int:guest_id>/end")
def end(guest_id: int) -> Any:
    """Let somebody in no longer."""
    guest = _guest("guest.end", guest_id)
    end_guest(actor=g.actor, guest=guest)
    if guest.id == g.actor.guest_id:
        session.leave()
        flash(_("Your access has been ended. Thank you for your help."), "success")
        return redirect(url_for("home.index"), 303)
    flash(_("Ended: this person cannot come in any more."), "success")
    return redirect(url_for(".index", organization_id=guest.organization_id), 303)


def _list(organization: Organization, form: InviteForm, status: int) -> Any:
    state = request.args.get("state", "")
    state = state if state in (INVITED, ACTIVE, ENDED) else ""
    search = "" if g.actor.is_operator else request.args.get("search", "")[:100]  # an operator reads no names
    page = paged(
        guests_of(organization.id, search=search, state=state),
        request.args.get("page", 1, type=int),
        lambda number: url_for(
            ".index", organization_id=organization.id, search=search or None, state=state or None, page=number
        ),
    )
    return render_template(
        "people/guests/index.html",
        organization=organization,
        page=page,
        rows=invited(page.items),
        search=search,
        state=state,
        form=form,
        now=utcnow(),
        name=lambda guest: guest_name(g.actor, guest),
    ), status


def _shown_once(organization: Organization, link: GuestLink, code: str) -> str:
    address = f"{current_settings().base_url}{url_for('.link', code=code)}"
    name = guest_name(g.actor, link.guest)
    return render_template(
        "people/guests/invited.html", organization=organization, link=link, address=address, name=name
    )


def _organization(verb: str, organization_id: int) -> Organization:
    found = get_or_none(Organization, organization_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def _guest(verb: str, guest_id: int) -> Guest:
    found = get_or_none(Guest, guest_id)
    require(g.actor, verb, found)
    assert found is not None
    return found
