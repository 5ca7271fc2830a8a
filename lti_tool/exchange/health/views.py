"""The list of what can no longer be opened, for whoever works at the organization whose it is."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from lti_tool.core.paging import paged
from lti_tool.exchange.health.queries import failing
from lti_tool.exchange.views.base import blueprint, own_organization, page


@blueprint.get("/broken")
def broken() -> Any:
    """Published resources of the own organization whose address or file is gone."""
    organization_id = own_organization("resource.create")
    number = request.args.get("page", 1, type=int)
    return page("broken", page=paged(failing(organization_id), number, lambda wanted: url_for(".broken", page=wanted)))
