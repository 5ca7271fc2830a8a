"""The page with every value for registering by hand."""

from __future__ import annotations

from flask import render_template

from lti_tool.lti.claims import SERVICE_SCOPES
from lti_tool.platforms.tool import NAMES
from lti_tool.platforms.views.base import addresses, blueprint


@blueprint.get("/lti/config")
def config() -> str:
    """Open to everybody: there is nothing secret in it."""
    return render_template("platforms/config.html", tool=addresses(), names=NAMES, scopes=SERVICE_SCOPES)
