"""Many resources added by a few statements: what imports and harvests bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from lti_tool.core.audit import Acting
from lti_tool.core.db import Base, db, execute, insert_many, run, table_of, utcnow
from lti_tool.exchange.models import (
    DRAFT,
    PUBLIC,
    PUBLISHED,
    RETIRED,
    CollectionItem,
    Resource,
    ResourceAuthor,
    ResourceFile,
    ResourceOrigin,
    ResourceVersion,
)
from lti_tool.exchange.operations.publishing import MOST_AUTHORS, Content, Credited, Description, release_unused
from lti_tool.exchange.search.operations import BATCH, refresh


@dataclass(frozen=True)
class New:
    """A resource to be."""

    kind: str
    description: Description
    content: Content
    authors: tuple[Credited, ...] = ()
    catalogue: str = ""
    """The name of the catalogue it is from."""


def add_many(*, organization_id: int, person_id: int | None, new: Sequence[New], published: bool) -> list[int]:
    """Their ids, in the same order. What was said about them, and what is in them, was checked before."""
    now = utcnow()
    idents = insert_many(Resource, [_resource(each, organization_id, person_id, published, now) for each in new])
    rows = list(zip(idents, new, strict=True))
    versions = [
        {"resource_id": ident, "number": 1, "person_id": person_id, "title": each.description.title}
        | {"licence": each.description.licence, "body": each.content.body, "url": each.content.url, "created_at": now}
        for ident, each in rows
    ]
    _insert(
        ResourceAuthor,
        [
            {"resource_id": ident, "position": position, **vars(author)}
            for ident, each in rows
            for position, author in enumerate(each.authors[:MOST_AUTHORS])
        ],
    )
    with_files = [each.content.files for each in new if each.content.files]
    _insert(ResourceVersion, [row for row, each in zip(versions, new, strict=True) if not each.content.files])
    holding = insert_many(ResourceVersion, [row for row, each in zip(versions, new, strict=True) if each.content.files])
    _insert(
        ResourceFile,
        [
            {"version_id": version, "position": position, "file_id": file_id}
            for version, files in zip(holding, with_files, strict=True)
            for position, file_id in enumerate(files)
        ],
    )
    if published:
        index_many(idents)
    return idents


def index_many(idents: Sequence[int]) -> None:
    """Bring the search up to date for these resources."""
    for start in range(0, len(idents), BATCH):
        refresh(idents[start : start + BATCH])


def fill_collection(collection_id: int, idents: Sequence[int]) -> None:
    """Put resources into a collection that is still empty, in this order."""
    rows = [
        {"collection_id": collection_id, "resource_id": ident, "position": place} for place, ident in enumerate(idents)
    ]
    _insert(CollectionItem, rows)


def remove_drafts(*, actor: Acting, idents: Sequence[int]) -> None:
    """Remove drafts that were never published, with what is in them; files go unless others hold them."""
    versions = select(ResourceVersion.id).where(ResourceVersion.resource_id.in_(idents))
    held = list(db.session.scalars(select(ResourceFile.file_id).where(ResourceFile.version_id.in_(versions))))
    in_collections = CollectionItem.resource_id.in_(idents) | CollectionItem.collection_id.in_(idents)
    for statement in (
        delete(ResourceFile).where(ResourceFile.version_id.in_(versions)),
        delete(ResourceVersion).where(ResourceVersion.resource_id.in_(idents)),
        delete(ResourceAuthor).where(ResourceAuthor.resource_id.in_(idents)),
        delete(ResourceOrigin).where(ResourceOrigin.resource_id.in_(idents)),
        delete(CollectionItem).where(in_collections),
        delete(Resource).where(Resource.id.in_(idents)),
    ):
        execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
    release_unused(actor, held)


def retire_many(idents: Sequence[int]) -> None:
    """Take published resources out; classes that use them keep them."""
    values = {"state": RETIRED, "changed_at": utcnow(), "version": Resource.version + 1}
    statement = update(Resource).where(Resource.id.in_(idents), Resource.state == PUBLISHED).values(**values)
    execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
    index_many(idents)


def _resource(new: New, organization_id: int, person_id: int | None, published: bool, now: Any) -> dict[str, Any]:
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(new.description).items()}
    opened = published and new.description.visibility == PUBLIC
    return {
        **told,
        "organization_id": organization_id,
        "person_id": person_id,
        "kind": new.kind,
        "catalogue": new.catalogue,
        "state": PUBLISHED if published else DRAFT,
        "published_at": now if published else None,
        "public_at": now if opened else None,
        "changed_at": now,
        "created_at": now,
    }


def _insert(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        run(insert(table_of(model)), rows)
