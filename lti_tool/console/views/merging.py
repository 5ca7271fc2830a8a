"""Two entries of one organization: finding them, looking at both, making them one."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.console.doubles import doubles as likely_doubles
from lti_tool.console.operations import merge_organizations
from lti_tool.console.queries.organizations import candidates, counts_of
from lti_tool.console.views.base import EVERY, asked_page, blueprint, organization_for
from lti_tool.core.db import as_key, get_or_none, unit_of_work
from lti_tool.core.errors import DomainError
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.organizations.models import Organization
from lti_tool.organizations.pointers import belongings

GROUPS_SHOWN = 50


@blueprint.get("/organizations/doubles")
def doubles() -> str:
    """Entries that are probably one organization."""
    require(g.actor, "organization.list", EVERY)
    groups = likely_doubles()
    return render_template(
        "console/doubles.html", groups=groups[:GROUPS_SHOWN], more=max(0, len(groups) - GROUPS_SHOWN)
    )


@blueprint.get("/organizations/<int:organization_id>/double")
def choose_double(organization_id: int) -> str:
    """Find the other entry of this organization."""
    first = organization_for("organization.merge", organization_id)
    search = request.args.get("search", "")[:100]
    page = paged(
        candidates(first, search),
        asked_page(),
        lambda number: url_for(".choose_double", organization_id=first.id, search=search or None, page=number),
    )
    return render_template("console/choose_double.html", first=first, page=page, search=search)


@blueprint.get("/organizations/<int:organization_id>/double/<int:other_id>")
def compare(organization_id: int, other_id: int) -> Any:
    """Both side by side, and which one stays."""
    first = organization_for("organization.merge", organization_id)
    second = organization_for("organization.merge", other_id)
    if first.id == second.id or second.merged_into_id is not None:
        return redirect(url_for(".choose_double", organization_id=first.id), 302)
    return render_template(
        "console/compare.html",
        pair=(first, second),
        counts=counts_of((first, second)),
        belongings=belongings(first.id, second.id),
    )


@blueprint.post("/organizations/<int:organization_id>/merge")
def merge(organization_id: int) -> Any:
    """Move everything of the entry named in the form to this one."""
    target = organization_for("organization.merge", organization_id)
    number = request.form.get("source", 0, type=as_key)
    source = get_or_none(Organization, number)
    require(g.actor, "organization.merge", source)
    assert source is not None
    try:
        with unit_of_work():  # a refusal in the middle takes back what was moved before it
            merge_organizations(actor=g.actor, source=source, target=target)
    except DomainError as error:
        flash(str(error.message), "danger")
        return redirect(url_for(".choose_double", organization_id=organization_id), 303)
    flash(_("Merged: everything is here now, and old links lead here."), "success")
    return redirect(url_for("platforms.organization", organization_id=target.id), 303)
