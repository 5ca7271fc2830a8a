"""Resources in LMS courses: what a teacher can place there, and where a link to one leads."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import Invalid
from lti_tool.core.policy import allows
from lti_tool.exchange.access import Access, resource_access
from lti_tool.exchange.models import Resource, ResourceUse
from lti_tool.exchange.operations.using import column_of, place
from lti_tool.exchange.search.queries import Asked, Found, find, resources_in_order, viewer_of
from lti_tool.people.actor import Actor

CONTENT = re.compile(r"resource[:-]([1-9][0-9]{0,17})")
"""A content id (`resource:12`), or the name of a gradebook column (`resource-12`)."""
SHOWN = 10
MOST_AT_ONCE = 30


@dataclass(frozen=True)
class PlacedResource:
    """One resource that becomes an activity of the LMS course."""

    content: str
    title: str
    text: str
    points: float | None
    """Maximum of the gradebook column that comes with it; None: no column."""
    column: str


@dataclass(frozen=True)
class Shelf:
    """What the picker shows of the exchange."""

    found: Found
    asked: Asked
    basket: Sequence[Resource]
    """Chosen before, on whatever page."""
    placed: frozenset[int]
    """Of all these, what the LMS course has already."""


def resource_id_of(content: str) -> int | None:
    """The resource a content id or the name of a column means."""
    found = CONTENT.fullmatch(content)
    return int(found[1]) if found else None


def shelf(actor: Actor, context_id: int, asked: Asked, number: int, chosen: Collection[int]) -> Shelf:
    """A page of resources to choose from, and those chosen so far."""
    found = find(viewer_of(actor.organization_id), asked, number, str, size=SHOWN)
    basket = resources_in_order(list(chosen)[:MOST_AT_ONCE]) if chosen else []
    shown = [each.id for each in (*found.page.items, *basket)]
    there = select(ResourceUse.resource_id).where(
        ResourceUse.context_id == context_id, ResourceUse.resource_id.in_(shown)
    )
    basket = [each for each in basket if allows(actor, "resource.place", resource_access(actor, each.id))]
    return Shelf(found, asked, basket, frozenset(db.session.scalars(there)))


def place_chosen(*, actor: Actor, context_id: int, idents: Collection[int]) -> list[PlacedResource]:
    """Open the chosen resources to the LMS course. Raises Invalid, with nothing placed, when one is not open to it."""
    if len(idents) > MOST_AT_ONCE:
        raise Invalid({"content": _("Choose at most %(limit)d resources at a time.", limit=MOST_AT_ONCE)})
    found = []
    for ident in dict.fromkeys(idents):
        access = resource_access(actor, ident)
        if access is None or not actor.is_teacher(context_id) or not allows(actor, "resource.place", access):
            raise Invalid({"content": _("Choose something from the list.")})
        found.append(access.resource)
    for resource in found:
        place(actor=actor, resource=resource, context_id=context_id)
    return [
        PlacedResource(f"resource:{each.id}", each.title, each.summary[:500], each.points, column_of(each.id))
        for each in found
    ]


def path_of(actor: Actor, resource_id: int) -> str | None:
    """The page of a launched link; None when the resource is not open to this person.

    The custom parameter proves nothing: who sees a resource is judged anew. A teacher who may place it does so by
    opening a link to it, and a copy of an LMS course has what the course it was copied from has.
    """
    access = resource_access(actor, resource_id)
    if access is None:
        return None
    context_id = actor.context_id
    if context_id is not None and context_id not in access.placed_in and _comes_along(actor, context_id, access):
        place(actor=actor, resource=access.resource, context_id=context_id)
        access = resource_access(actor, resource_id)
    return url_for("exchange.show", resource_id=resource_id) if allows(actor, "resource.see", access) else None


def _comes_along(actor: Actor, context_id: int, access: Access) -> bool:
    by_hand = actor.is_teacher(context_id) and allows(actor, "resource.place", access)
    return by_hand or _copied(context_id, access.resource.id)


def _copied(context_id: int, resource_id: int) -> bool:
    """Was the resource placed in an LMS course of which this one is a copy?"""
    context = get_or_none(Context, context_id)
    if context is None or not context.history:
        return False
    statement = (
        select(ResourceUse.id)
        .join(Context, Context.id == ResourceUse.context_id)
        .where(Context.deployment_pk == context.deployment_pk, Context.lms_id.in_(context.history))
        .where(ResourceUse.resource_id == resource_id)
    )
    return db.session.scalar(statement.limit(1)) is not None


def graded(resource_id: int) -> tuple[str, str] | None:
    """(column, title) of a resource that gives points; None for one that does not."""
    resource = get_or_none(Resource, resource_id)
    return (column_of(resource.id), resource.title) if resource is not None and resource.points is not None else None
