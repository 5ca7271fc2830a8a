"""Every registration by its health, the most troubled first."""

from __future__ import annotations

from dataclasses import asdict

from flask import g, render_template, url_for

from lti_tool.console.forms import in_address, registrations_wanted
from lti_tool.console.queries import registrations as by_health
from lti_tool.console.views.base import EVERY, asked_page, blueprint
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.platforms.wording import TITLES


@blueprint.get("/registrations")
def registrations() -> str:
    """Registrations, filtered, with what troubles each in words."""
    require(g.actor, "registration.list", EVERY)
    wanted = registrations_wanted()
    filters = in_address(asdict(wanted))
    page = paged(
        by_health.registrations(wanted), asked_page(), lambda number: url_for(".registrations", **filters, page=number)
    )
    return render_template(
        "console/registrations.html",
        page=page,
        rows=by_health.rows_of(page.items),
        wanted=wanted,
        filtered=bool(filters),
        products=by_health.products(),
        check_titles=TITLES,
    )
