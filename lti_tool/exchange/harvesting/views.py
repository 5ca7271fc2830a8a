"""The address at which catalogues harvest."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _

from lti_tool.core.limits import limit
from lti_tool.core.settings import current_settings
from lti_tool.core.web import csrf
from lti_tool.exchange.harvesting.protocol import Repository

blueprint = Blueprint("harvesting", __name__)


@blueprint.route("/oai", methods=["GET", "POST"])
@limit("240 per minute")
def oai() -> Response:
    """OAI-PMH 2.0; both methods, as it asks."""
    base_url = current_settings().base_url
    mail = f"postmaster@{urlsplit(base_url).hostname}"
    repository = Repository(f"{base_url}{url_for('.oai')}", base_url, _("Schools Together"), mail)
    arguments = request.values.to_dict(flat=False)
    return current_app.response_class(repository.answer(arguments), content_type="text/xml; charset=utf-8")


csrf.exempt(oai)
