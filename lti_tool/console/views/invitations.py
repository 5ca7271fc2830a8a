"""All invitations: found, taken back, and made for several organizations at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from lti_tool.console.forms import in_address, marked, one_of, text
from lti_tool.console.queries.invitations import STATES, invitations, to_invite
from lti_tool.console.views.base import EVERY, asked_page, blueprint
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings
from lti_tool.organizations.models import Organization
from lti_tool.platforms.forms import InvitationForm
from lti_tool.platforms.models import Invitation
from lti_tool.platforms.operations.invitations import create_invitations, revoke_open_invitations
from lti_tool.platforms.tool import ToolAddresses


@blueprint.get("/invitations", endpoint="invitations")
def all_invitations() -> str:
    """Every invitation of the hub, the newest first."""
    require(g.actor, "invitation.list", EVERY)
    state, search, now = one_of("state", STATES), text("search"), utcnow()
    filters = in_address({"state": state, "search": search})
    page = paged(
        invitations(state=state, search=search, now=now),
        asked_page(),
        lambda number: url_for(".invitations", **filters, page=number),
    )
    return render_template("console/invitations.html", page=page, state=state, search=search, now=now)


@blueprint.post("/invitations/revoke")
def revoke_several() -> Any:
    """Take the marked invitations back."""
    require(g.actor, "invitation.revoke", EVERY)
    try:
        count = revoke_open_invitations(actor=g.actor, ids=marked("invitation"))
    except Invalid as error:
        flash(str(error.message), "warning")
    else:
        said = ngettext("%(num)d invitation has been taken back.", "%(num)d invitations have been taken back.", count)
        flash(said, "success")
    return redirect(url_for(".invitations"), 303)


@blueprint.route("/invitations/new", methods=["GET", "POST"])
def invite_several() -> Any:
    """Choose organizations; the addresses are shown, or given as a table, this once."""
    require(g.actor, "invitation.create", EVERY)
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            made = create_invitations(
                actor=g.actor,
                organizations=_marked_organizations(),
                auto_approve=form.auto_approve.data,
                days=form.days.data,
            )
        except Invalid as error:
            form.form_errors = [*form.form_errors, error.message]
        else:
            return _handed_over(made)
    return _choice(form)


def _marked_organizations() -> Sequence[Organization]:
    statement = select(Organization).where(Organization.id.in_(marked("organization")))
    found = db.session.scalars(statement.order_by(Organization.name, Organization.id)).all()
    if not found:
        raise Invalid({"organization": _("Mark at least one line first.")})
    return found


def _choice(form: InvitationForm) -> Any:
    search, every = text("search"), bool(request.args.get("every"))
    filters = in_address({"search": search, "every": "1" if every else ""})
    page = paged(
        to_invite(search=search, every=every, now=utcnow()),
        asked_page(),
        lambda number: url_for(".invite_several", **filters, page=number),
        size=100,
    )
    chosen = set(request.form.getlist("organization"))
    shown = render_template(
        "console/invite.html", form=form, page=page, search=search, every=every, filters=filters, chosen=chosen
    )
    return shown, 422 if form.errors or form.form_errors else 200


def _handed_over(made: Sequence[tuple[Invitation, str]]) -> Any:
    tool = ToolAddresses(current_settings().base_url)
    rows = [(each.organization.name, each.organization.city, tool.invitation(code)) for each, code in made]
    if request.form.get("as") == "table":
        response = Response(_table(rows), mimetype="text/csv")
        response.headers["Content-Disposition"] = "attachment; filename=invitations.csv"
    else:
        response = Response(render_template("console/invited.html", rows=rows, expires_at=made[0][0].expires_at))
    response.headers["Cache-Control"] = "no-store"
    return response


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    """For a spreadsheet: its mark of UTF-8 first, and no cell that it would take for a formula."""
    written = io.StringIO()
    table = csv.writer(written, delimiter=";")
    table.writerow((_("Organization"), _("City"), _("Registration address")))
    table.writerows([f"'{cell}" if cell[:1] in "=+-@\t" and cell else cell for cell in row] for row in rows)
    return "\ufeff" + written.getvalue()
