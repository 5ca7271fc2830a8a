"""Collections: resources put in an order, each with a word on why it is there."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select

from lti_tool.core import audit
from lti_tool.core.db import db, insert_if_absent, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.exchange.models import COLLECTION, CollectionItem, Resource
from lti_tool.people.actor import Actor

MOST_ITEMS = 500


def put_in(*, actor: Actor, collection: Resource, resource: Resource, note: str = "") -> None:
    """Add a resource at the end; nothing when it is in it. Raises Conflict and Invalid."""
    if collection.kind != COLLECTION:
        raise Conflict(_("This is no collection."))
    if resource.id == collection.id or resource.kind == COLLECTION:
        raise Invalid({"note": _("A collection cannot hold a collection: add what is in it.")})
    items = select(func.count(), func.max(CollectionItem.position)).where(CollectionItem.collection_id == collection.id)
    count, last = db.session.execute(items).one()
    if count >= MOST_ITEMS:
        raise Invalid({"note": _("At most %(limit)d resources fit into one collection.", limit=MOST_ITEMS)})
    values = {"collection_id": collection.id, "resource_id": resource.id, "position": (last or 0) + 1, "note": note}
    if insert_if_absent(CollectionItem, values):
        _changed(actor, collection)


def annotate(*, actor: Actor, item: CollectionItem, note: str) -> None:
    """Say why it is there, or how to use it."""
    item.note = note
    _changed(actor, _collection(item))


def move(*, actor: Actor, item: CollectionItem, step: int) -> None:
    """One place up (-1) or down (1); nothing at the end."""
    beside = CollectionItem.position < item.position if step < 0 else CollectionItem.position > item.position
    order = CollectionItem.position.desc() if step < 0 else CollectionItem.position
    statement = select(CollectionItem).where(CollectionItem.collection_id == item.collection_id, beside)
    other = db.session.scalars(statement.order_by(order).limit(1)).first()
    if other is not None:
        item.position, other.position = other.position, item.position
        _changed(actor, _collection(item))


def take_out(*, actor: Actor, item: CollectionItem) -> None:
    """Remove it from the collection; the resource itself stays."""
    collection = _collection(item)
    db.session.delete(item)
    _changed(actor, collection)


def copy_items(*, source: Resource, made: Resource) -> None:
    """Let a copy of a collection hold the same."""
    if source.kind == COLLECTION:
        rows = db.session.scalars(select(CollectionItem).where(CollectionItem.collection_id == source.id))
        db.session.add_all(
            CollectionItem(collection_id=made.id, resource_id=row.resource_id, position=row.position, note=row.note)
            for row in rows
        )


def _collection(item: CollectionItem) -> Resource:
    return db.session.get_one(Resource, item.collection_id)


def _changed(actor: Actor, collection: Resource) -> None:
    collection.changed_at = utcnow()
    audit.record(actor, "resource.collect", "resource", collection.id, concerns=collection.organization_id)
