"""A resource as people read it: what it is, what it holds, its versions, where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from flask import abort, request

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.policy import allows
from lti_tool.exchange import queries
from lti_tool.exchange.access import Access
from lti_tool.exchange.community.queries import names_of, questions_of, reports_of
from lti_tool.exchange.health.queries import trouble_of
from lti_tool.exchange.models import COLLECTION, DRAFT, ResourceFile, ResourceVersion
from lti_tool.exchange.operations.publishing import newest_version, version_of
from lti_tool.exchange.search.queries import Viewer, similar
from lti_tool.exchange.views.base import actor, blueprint, page, resource_for, viewer
from lti_tool.files.views import serve


@blueprint.get("/<int:resource_id>")
def show(resource_id: int) -> Any:
    """A resource: for grown-ups with everything about it, for a class what it is to work with."""
    access = resource_for("resource.see", resource_id)
    if not allows(actor(), "resource.read_about", access):
        return _for_class(access)
    resource = access.resource
    version = newest_version(resource)
    is_collection = resource.kind == COLLECTION
    own = actor().organization_id
    reports, questions = reports_of(resource_id), questions_of(resource_id)
    ancestors = queries.ancestors_of(resource)
    return page(
        "show",
        access=access,
        resource=resource,
        version=version,
        items=queries.items_of(resource, None if access.authored else viewer()) if is_collection else (),
        ancestors=ancestors,
        reports=reports,
        questions=questions,
        names=names_of(actor(), [*reports, *questions]),
        adaptations=queries.adaptations_of(resource, viewer()),
        visible_origins=_visible_origins(ancestors),
        duplicates=queries.same_files(resource, viewer()) if resource.state == DRAFT and version.files else (),
        alike=similar(viewer(), resource),
        trouble=trouble_of(resource_id),
        collections=queries.collections_with(resource, viewer()),
        own_collections=queries.own_collections(actor().person_id, own) if own else (),
        usage=queries.usage_of(resource),
        uses=[use for use in queries.uses_in(_taught()) if use.resource_id == resource.id],
    )


def _taught() -> list[int]:
    return [context_id for context_id, role in actor().roles.items() if role == "teacher"]


def _visible_origins(ancestors: list[queries.Ancestor]) -> set[int]:
    idents = [each.origin.origin_id for each in ancestors if each.origin.origin_id]
    return queries.visible_ids(viewer(), idents) if idents else set()


def _for_class(access: Access) -> Any:
    """What pupils of a class see: the version the class stays with, and its task."""
    resource, context_id = access.resource, access.placed_in[0] if access.placed_in else 0
    use = queries.use_in(resource.id, context_id)
    version = version_of(resource, use.pinned) if use and use.pinned else newest_version(resource)
    learns = actor().identity_id is not None and actor().is_learner(context_id)
    done = learns and queries.has_completed(actor().identity_id or 0, resource.id, context_id)
    return page(
        "for_class",
        access=access,
        resource=resource,
        version=version,
        items=_items_for_class(access) if resource.kind == COLLECTION else (),
        context_id=context_id,
        learns=learns,
        done=done,
    )


def _items_for_class(access: Access) -> Any:
    """What of a collection a class may open: see access.py."""
    return queries.items_of(access.resource, Viewer(actor().organization_id))


@blueprint.get("/<int:resource_id>/preview")
def preview(resource_id: int) -> Any:
    """A look at it without leaving the page one is on."""
    access = resource_for("resource.read_about", resource_id)
    return page("_preview", resource=access.resource, version=newest_version(access.resource))


@blueprint.get("/<int:resource_id>/versions")
def versions(resource_id: int) -> Any:
    """All versions with what each changed."""
    access = resource_for("resource.read_about", resource_id)
    return page("versions", resource=access.resource, versions=queries.versions_of(access.resource), access=access)


@blueprint.get("/<int:resource_id>/versions/<int:number>")
def version(resource_id: int, number: int) -> Any:
    """One version, and how it differs from the one before, or from the one asked for in `from`."""
    access = resource_for("resource.read_about", resource_id)
    known = {each.number: each for each in queries.versions_of(access.resource)}
    if number not in known:
        raise NotFound
    before = known.get(request.args.get("from", number - 1, type=int))
    difference = _difference(before, known[number]) if before is not None else None
    return page(
        "version",
        access=access,
        resource=access.resource,
        version=known[number],
        before=before,
        numbers=sorted(known),
        difference=difference,
    )


@dataclass(frozen=True)
class Difference:
    """What one version has that the other has not."""

    added: list[ResourceFile]
    removed: list[ResourceFile]
    lines: list[tuple[str, str, str]]
    """(same | removed | added | changed, old line, new line) around what changed."""
    facts: list[tuple[str, str, str]]
    """(title | licence | url, old, new)."""


def _difference(old: ResourceVersion, new: ResourceVersion) -> Difference:
    had, has = {each.file_id for each in old.files}, {each.file_id for each in new.files}
    facts = [
        (name, getattr(old, name), getattr(new, name))
        for name in ("title", "licence", "url")
        if getattr(old, name) != getattr(new, name)
    ]
    return Difference(
        [each for each in new.files if each.file_id not in had],
        [each for each in old.files if each.file_id not in has],
        _lines(old.body.splitlines(), new.body.splitlines()),
        facts,
    )


def _lines(old: list[str], new: list[str]) -> list[tuple[str, str, str]]:
    if old == new:
        return []
    found: list[tuple[str, str, str]] = []
    for groups in SequenceMatcher(None, old, new, autojunk=True).get_grouped_opcodes(2):
        for tag, first, last, begin, end in groups:
            kind = {"equal": "same", "delete": "removed", "insert": "added", "replace": "changed"}[tag]
            found += [(kind, a, b) for a, b in zip_longest(old[first:last], new[begin:end], fillvalue="")]
    return found


@blueprint.get("/files/<int:file_id>")
def file(file_id: int) -> Any:
    """A file of a version, as a download."""
    found = get_or_none(ResourceFile, file_id)
    if found is None:
        raise NotFound
    access = resource_for("resource.see", found.version.resource_id)
    if not allows(actor(), "resource.read_about", access) and found.version.number not in _numbers_for(access):
        abort(404)
    return serve(found.file)


def _numbers_for(access: Access) -> set[int]:
    """The versions that the classes the actor came from work with."""
    uses = [queries.use_in(access.resource.id, ident) for ident in access.placed_in]
    return {use.pinned or access.resource.number for use in uses if use is not None}
