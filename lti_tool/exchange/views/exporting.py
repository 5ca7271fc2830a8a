"""Taking a resource along: as a Common Cartridge, and its description as LOM."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, cast

from flask import current_app, flash, redirect, send_file, url_for
from flask_babel import gettext as _
from lxml import etree

from lti_tool.core.errors import Conflict
from lti_tool.core.settings import current_settings
from lti_tool.exchange import queries
from lti_tool.exchange.cartridges.writing import Part, TooMuch, write_cartridge
from lti_tool.exchange.metadata import lom
from lti_tool.exchange.models import COLLECTION
from lti_tool.exchange.operations.publishing import newest_version
from lti_tool.exchange.views.base import blueprint, credit_line, resource_for, viewer

IN_MEMORY = 8 * 1024 * 1024


@blueprint.get("/<int:resource_id>/cartridge.imscc")
def cartridge(resource_id: int) -> Any:
    """The resource, or a collection with what the actor may find of it, as a Common Cartridge 1.3."""
    resource = resource_for("resource.export", resource_id).resource
    if resource.kind == COLLECTION:
        items = queries.items_of(resource, viewer())
        parts = [
            Part(each.resource, newest_version(each.resource), credit_line(each.resource), each.note) for each in items
        ]
    else:
        parts = [Part(resource, newest_version(resource), credit_line(resource))]
    if not parts:
        flash(_("Nothing is in this collection yet"), "warning")
        return redirect(url_for(".show", resource_id=resource_id), 303)
    file = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  # sent, then closed
    try:
        write_cartridge(file, resource.title, parts)
    except TooMuch:
        raise Conflict(_("The files together are too large for one package."), _("Take them one by one.")) from None
    except FileNotFoundError:
        raise Conflict(_("This file is missing on our side."), _("Tell your administrator.")) from None
    file.seek(0)
    name = f"resource-{resource.id}.imscc"
    return send_file(file, mimetype="application/octet-stream", as_attachment=True, download_name=name)


@blueprint.get("/<int:resource_id>/lom.xml")
def description(resource_id: int) -> Any:
    """What is said about it, as LOM (IEEE 1484.12.3)."""
    resource = resource_for("resource.read_about", resource_id).resource
    body = etree.tostring(lom(resource, current_settings().base_url), xml_declaration=True, encoding="UTF-8")
    response = current_app.response_class(body, content_type="application/xml")
    response.headers["Content-Disposition"] = f'attachment; filename="resource-{resource.id}.xml"'
    return response
