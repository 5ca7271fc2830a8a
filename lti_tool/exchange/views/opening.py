"""Public resources, for who is not signed in: a page with machine-readable facts, files, and the map of all of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from sqlalchemy import select

from lti_tool.core.db import LAST_KEY, db, get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.limits import limit
from lti_tool.core.settings import current_settings
from lti_tool.exchange import queries
from lti_tool.exchange.linked_data import as_script, described_for_machines
from lti_tool.exchange.models import COLLECTION, PUBLIC, PUBLISHED, Resource, ResourceFile
from lti_tool.exchange.operations.publishing import newest_version
from lti_tool.exchange.search.queries import Viewer, asked_of, find, similar
from lti_tool.exchange.views.base import page, search_url
from lti_tool.files.views import serve

blueprint = Blueprint("exchange_open", __name__, url_prefix="/open")
MAP_SIZE = 10_000
"""Addresses in one map; a map may hold five times as many."""
STRANGER = Viewer()


def open_resource(resource_id: int) -> Resource:
    """A public resource; everybody may read it, so no actor is asked for. Raises NotFound."""
    found = get_or_none(Resource, resource_id)
    if found is None or found.state != PUBLISHED or found.visibility != PUBLIC:
        raise NotFound
    return found


@blueprint.get("")
@limit("120 per minute")
def index() -> Any:
    """The search among public resources."""
    asked = asked_of(request.args.to_dict(flat=False))
    number = request.args.get("page", 1, type=int)
    found = find(STRANGER, asked, number, lambda wanted: search_url(asked, wanted, "exchange_open.index"))
    return page("open_index", asked=asked, found=found)


@blueprint.get("/<int:resource_id>")
@limit("240 per minute")
def show(resource_id: int) -> Any:
    """A public resource."""
    resource = open_resource(resource_id)
    version = newest_version(resource)
    return page(
        "open",
        resource=resource,
        version=version,
        items=queries.items_of(resource, STRANGER) if resource.kind == COLLECTION else (),
        ancestors=queries.ancestors_of(resource),
        alike=similar(STRANGER, resource),
        facts_script=as_script(described_for_machines(resource, version, current_settings().base_url)),
    )


@blueprint.get("/<int:resource_id>/facts.jsonld")
@limit("240 per minute")
def facts(resource_id: int) -> Response:
    """What search engines and catalogues read: schema.org's LearningResource with LRMI's properties."""
    resource = open_resource(resource_id)
    response = current_app.response_class(
        current_app.json.dumps(described_for_machines(resource, newest_version(resource), current_settings().base_url)),
        content_type="application/ld+json",
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/files/<int:file_id>")
@limit("60 per minute")
def file(file_id: int) -> Response:
    """A file of the newest version of a public resource, as a download."""
    found = get_or_none(ResourceFile, file_id)
    if found is None or open_resource(found.version.resource_id).number != found.version.number:
        raise NotFound
    return serve(found.file)


@blueprint.get("/sitemap.xml")
@limit("60 per minute")
def sitemap() -> Response:
    """Where every public resource is (sitemaps.org); `page` counts from 1, and without it the map of maps."""
    base = current_settings().base_url
    number = request.args.get("page", type=int)
    public = select(Resource.id, Resource.changed_at).where(Resource.state == PUBLISHED, Resource.visibility == PUBLIC)
    if number is None:
        count = db.session.scalar(select(db.func.count()).select_from(public.subquery())) or 0
        pages = range(1, max(1, -(-count // MAP_SIZE)) + 1)
        entries = [f"<sitemap><loc>{base}{url_for('.sitemap', page=each)}</loc></sitemap>" for each in pages]
        return _xml("sitemapindex", entries)
    before = (min(max(number, 1), LAST_KEY // MAP_SIZE) - 1) * MAP_SIZE
    rows = db.session.execute(public.order_by(Resource.id).limit(MAP_SIZE).offset(before))
    entries = [
        f"<url><loc>{base}{url_for('.show', resource_id=ident)}</loc><lastmod>{changed:%Y-%m-%d}</lastmod></url>"
        for ident, changed in rows
    ]
    return _xml("urlset", entries)


def _xml(root: str, entries: list[str]) -> Response:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{space}">{"".join(entries)}</{root}>'
    response = current_app.response_class(body, content_type="application/xml")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
