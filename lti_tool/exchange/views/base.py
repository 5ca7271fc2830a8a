"""What the screens of resources share: the blueprint, how a resource is fetched and judged, what templates may call."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, has_request_context, make_response, render_template, request, url_for

from lti_tool.core.errors import SignInNeeded
from lti_tool.core.markdown import render as render_markdown
from lti_tool.core.policy import allows, require
from lti_tool.core.settings import current_settings
from lti_tool.exchange import wording
from lti_tool.exchange.access import Access, resource_access
from lti_tool.exchange.forms import MATERIAL
from lti_tool.exchange.licences import LICENCES, credit
from lti_tool.exchange.models import PUBLIC, Resource
from lti_tool.exchange.search.queries import Asked, Viewer, viewer_of
from lti_tool.exchange.vocabularies import AREAS, LANGUAGES, STAGES, SUBJECTS, USES, levels_in_words
from lti_tool.files.forms import accept_files
from lti_tool.people.actor import Actor

blueprint = Blueprint("exchange", __name__, url_prefix="/exchange")
accept_files(blueprint, {"exchange.new": MATERIAL, "exchange.edit": MATERIAL})


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


def actor() -> Actor:
    """Who is signed in; the blueprint lets nobody else this far."""
    signed_in: Actor = g.actor
    return signed_in


def resource_for(verb: str, resource_id: int) -> Access:
    """The resource, when the actor may do `verb`; NotFound when she may not even know of it."""
    access = resource_access(g.actor, resource_id)
    require(g.actor, verb, access, see="resource.see")
    assert access is not None
    return access


def own_organization(verb: str) -> int:
    """The actor's organization, for whose things `verb` is allowed."""
    organization_id = actor().organization_id
    require(actor(), verb, organization_id)
    assert organization_id is not None
    return organization_id


def viewer() -> Viewer:
    """What the actor may find; one statement, asked for once in a request."""
    if "exchange_viewer" not in g:
        g.exchange_viewer = viewer_of(actor().organization_id)
    found: Viewer = g.exchange_viewer
    return found


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A rendered page of this feature."""
    response = make_response(render_template(f"exchange/{template}.html", **values))
    response.status_code = status
    return response


def address_of(resource: Resource) -> str:
    """The whole address under which people find a resource; the public one where there is one."""
    endpoint = "exchange_open.show" if resource.visibility == PUBLIC else "exchange.show"
    return f"{current_settings().base_url}{url_for(endpoint, resource_id=resource.id)}"


def credit_line(resource: Resource) -> str:
    """How a resource is named where it is used."""
    names = [each.name for each in resource.authors]
    return credit(resource.title, names, resource.organization.name, resource.licence, address_of(resource))


def search_url(asked: Asked, number: int = 1, endpoint: str = "exchange.index") -> str:
    """The address of a search."""
    parameters = asked.parameters() | ({"page": [str(number)]} if number > 1 else {})
    query = urlencode(parameters, doseq=True)
    return url_for(endpoint) + (f"?{query}" if query else "")


def with_filter(asked: Asked, dimension: str, code: str) -> str:
    """The address of the same search with one more filter."""
    codes = (*asked.filters.get(dimension, ()), code)
    return search_url(Asked(asked.text, {**asked.filters, dimension: codes}, asked.whose, asked.sort))


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    if not has_request_context() or request.blueprint not in ("exchange", "exchange_open", "selection"):
        return {}  # a job renders pages as well
    return {
        "x": wording,
        "licences": LICENCES,
        "areas_of": lambda: [(area.name, list(area.subjects)) for area in AREAS],
        "stages_of": lambda: [(name, list(codes)) for name, codes in STAGES.values()],
        "subject_names": SUBJECTS,
        "use_names": USES,
        "language_names": LANGUAGES,
        "levels_in_words": levels_in_words,
        "markdown": render_markdown,
        "credit_line": credit_line,
        "address_of": address_of,
        "search_url": search_url,
        "with_filter": with_filter,
        "may": lambda verb, thing: allows(g.actor, verb, thing),
    }
