"""The list of organizations; archiving one and bringing it back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from lti_tool.console.forms import in_address, organizations_wanted
from lti_tool.console.operations import archive_organization, restore_organization
from lti_tool.console.queries import organizations as listed
from lti_tool.console.views.base import EVERY, asked_page, blueprint, organization_for
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.organizations.models import Organization
from lti_tool.organizations.wording import TYPE_NAMES


@blueprint.get("/organizations")
def organizations() -> str:
    """All organizations, filtered, with what stands beside each."""
    require(g.actor, "organization.list", EVERY)
    wanted = organizations_wanted()
    filters = in_address(asdict(wanted))
    page = paged(
        listed.organizations(wanted), asked_page(), lambda number: url_for(".organizations", **filters, page=number)
    )
    return render_template(
        "console/organizations.html",
        page=page,
        wanted=wanted,
        filtered=wanted not in (listed.Wanted(), listed.Wanted(sort=wanted.sort)),
        counts=listed.counts_of(page.items),
        types=TYPE_NAMES,
        departments=listed.values_of(Organization.department),
        cities=listed.values_of(Organization.city),
    )


@blueprint.post("/organizations/<int:organization_id>/archive")
def archive(organization_id: int) -> Any:
    """Let nobody of it in."""
    found = organization_for("organization.archive", organization_id)
    archive_organization(actor=g.actor, organization=found)
    flash(_("Archived: nobody comes in from there. Nothing was removed."), "success")
    return redirect(url_for("platforms.organization", organization_id=found.id), 303)


@blueprint.post("/organizations/<int:organization_id>/restore")
def restore(organization_id: int) -> Any:
    """Bring it back."""
    found = organization_for("organization.restore", organization_id)
    restore_organization(actor=g.actor, organization=found)
    flash(_("Restored. Now approve each of its LMSs that people shall come in from."), "success")
    return redirect(url_for("platforms.organization", organization_id=found.id), 303)
