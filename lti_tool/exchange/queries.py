"""Reads of resources: whose they are, what they came from and became, where they are used, what is there twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.exchange.models import (
    COLLECTION,
    DRAFT,
    PUBLISHED,
    RETIRED,
    CollectionItem,
    CompletedWork,
    Resource,
    ResourceAuthor,
    ResourceFile,
    ResourceOrigin,
    ResourceUse,
    ResourceVersion,
    Vocabulary,
)
from lti_tool.exchange.search.models import ResourceEntry
from lti_tool.exchange.search.queries import Viewer, visible
from lti_tool.files.models import StoredFile
from lti_tool.organizations.models import Organization

CHAIN = 50
"""Resources of a family tree that are shown at most."""


def written_by(person_id: int, organization_id: int, *, state: str = "") -> Select[tuple[Resource]]:
    """Resources somebody added or is an author of, the last changed first."""
    authored = select(ResourceAuthor.resource_id).where(ResourceAuthor.person_id == person_id)
    statement = (
        select(Resource)
        .where(or_(Resource.person_id == person_id, Resource.id.in_(authored)))
        .where(Resource.organization_id == organization_id)
        .options(selectinload(Resource.authors))
    )
    if state:
        statement = statement.where(Resource.state == state)
    return statement.order_by(Resource.changed_at.desc(), Resource.id.desc())


def of_organization(organization_id: int) -> Select[tuple[Resource]]:
    """Published and retired resources of an organization, the last changed first."""
    return (
        select(Resource)
        .where(Resource.organization_id == organization_id, Resource.state != DRAFT)
        .options(selectinload(Resource.authors))
        .order_by(Resource.changed_at.desc(), Resource.id.desc())
    )


def last_of(person_id: int) -> Resource | None:
    """What somebody added last: the next one is likely to be of its subject and licence."""
    statement = select(Resource).where(Resource.person_id == person_id).order_by(Resource.id.desc()).limit(1)
    return db.session.scalars(statement).first()


def versions_of(resource: Resource) -> Sequence[ResourceVersion]:
    """All versions with their files, the newest first."""
    statement = (
        select(ResourceVersion)
        .where(ResourceVersion.resource_id == resource.id)
        .order_by(ResourceVersion.number.desc())
        .options(selectinload(ResourceVersion.files))
    )
    return db.session.scalars(statement).all()


@dataclass(frozen=True)
class Ancestor:
    """A step of the chain of origins; `resource` is None for a work from elsewhere."""

    origin: ResourceOrigin
    depth: int


def ancestors_of(resource: Resource) -> list[Ancestor]:
    """What a resource was made from, and what that was made from: the nearest first; a statement for each generation."""
    found: list[Ancestor] = []
    seen, generation, depth = {resource.id}, [resource.id], 0
    while generation and len(found) < CHAIN:
        statement = (
            select(ResourceOrigin)
            .where(ResourceOrigin.resource_id.in_(generation))
            .options(joinedload(ResourceOrigin.origin).joinedload(Resource.organization))
            .order_by(ResourceOrigin.id)
        )
        rows = db.session.scalars(statement).all()
        found += [Ancestor(each, depth) for each in rows]
        generation = [each.origin_id for each in rows if each.origin_id is not None and each.origin_id not in seen]
        seen.update(generation)
        depth += 1
    return found[:CHAIN]


def adaptations_of(resource: Resource, viewer: Viewer) -> Sequence[Resource]:
    """What others made from it, as far as the viewer may find it."""
    statement = (
        select(Resource)
        .join(ResourceOrigin, ResourceOrigin.resource_id == Resource.id)
        .join(ResourceEntry, ResourceEntry.id == Resource.id)
        .where(ResourceOrigin.origin_id == resource.id, visible(viewer))
        .order_by(Resource.id.desc())
        .limit(CHAIN)
    )
    return db.session.scalars(statement).unique().all()


def visible_ids(viewer: Viewer, idents: Collection[int]) -> set[int]:
    """Those of the resources that the viewer may find."""
    statement = select(ResourceEntry.id).where(ResourceEntry.id.in_(idents), visible(viewer))
    return set(db.session.scalars(statement))


def same_files(resource: Resource, viewer: Viewer) -> Sequence[Resource]:
    """Other resources with a file of the same content, as far as the viewer may find them."""
    own = (
        select(StoredFile.sha256)
        .join(ResourceFile, ResourceFile.file_id == StoredFile.id)
        .join(ResourceVersion, ResourceVersion.id == ResourceFile.version_id)
        .where(ResourceVersion.resource_id == resource.id, ResourceVersion.number == resource.number)
    )
    family = select(ResourceOrigin.origin_id).where(
        ResourceOrigin.resource_id == resource.id, ResourceOrigin.origin_id.is_not(None)
    )
    statement = (
        select(Resource)
        .join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
        .join(ResourceFile, ResourceFile.version_id == ResourceVersion.id)
        .join(StoredFile, StoredFile.id == ResourceFile.file_id)
        .join(ResourceEntry, ResourceEntry.id == Resource.id)
        .where(StoredFile.sha256.in_(own), ResourceVersion.number == Resource.number)
        .where(Resource.id != resource.id, Resource.id.not_in(family), visible(viewer))
        .order_by(Resource.id)
        .limit(5)
    )
    return db.session.scalars(statement).unique().all()


@dataclass(frozen=True)
class Usage:
    """Where a resource is used, in numbers: nobody's name."""

    organizations: list[tuple[str, int]]
    """Names with how many LMS courses each."""
    contexts: int


def usage_of(resource: Resource) -> Usage:
    """Usage by organization; one statement."""
    statement = (
        select(Organization.name, func.count())
        .join(ResourceUse, ResourceUse.organization_id == Organization.id)
        .where(ResourceUse.resource_id == resource.id)
        .group_by(Organization.id, Organization.name)
        .order_by(func.count().desc(), Organization.name)
    )
    rows = db.session.execute(statement).tuples().all()
    return Usage([(name, count) for name, count in rows[:20]], sum(count for _name, count in rows))


def uses_in(context_ids: Collection[int]) -> Sequence[ResourceUse]:
    """Resources placed in these LMS courses, the newest first."""
    statement = (
        select(ResourceUse)
        .where(ResourceUse.context_id.in_(context_ids))
        .options(joinedload(ResourceUse.context))
        .order_by(ResourceUse.id.desc())
        .limit(200)
    )
    return db.session.scalars(statement).unique().all()


def use_in(resource_id: int, context_id: int) -> ResourceUse | None:
    """The placing of a resource in an LMS course."""
    statement = select(ResourceUse).where(ResourceUse.resource_id == resource_id, ResourceUse.context_id == context_id)
    return db.session.scalars(statement).unique().one_or_none()


def news_for(context_ids: Collection[int]) -> Sequence[ResourceUse]:
    """Placed resources with a version the teacher has not looked at, and those that have been retired."""
    statement = (
        select(ResourceUse)
        .join(Resource, Resource.id == ResourceUse.resource_id)
        .where(ResourceUse.context_id.in_(context_ids))
        .where(or_(Resource.number > ResourceUse.seen_number, Resource.state == RETIRED))
        .options(joinedload(ResourceUse.context))
        .order_by(Resource.changed_at.desc())
        .limit(20)
    )
    return db.session.scalars(statement).unique().all()


def items_of(collection: Resource, viewer: Viewer | None = None) -> Sequence[CollectionItem]:
    """The items of a collection in their order; with a viewer, those that the viewer may find."""
    statement = (
        select(CollectionItem)
        .where(CollectionItem.collection_id == collection.id)
        .options(joinedload(CollectionItem.resource).selectinload(Resource.authors))
        .order_by(CollectionItem.position, CollectionItem.id)
    )
    if viewer is not None:
        open_ones = select(ResourceEntry.id).where(ResourceEntry.id == CollectionItem.resource_id, visible(viewer))
        statement = statement.where(open_ones.exists())
    return db.session.scalars(statement).unique().all()


def collections_with(resource: Resource, viewer: Viewer) -> Sequence[Resource]:
    """Collections that hold a resource, as far as the viewer may find them."""
    statement = (
        select(Resource)
        .join(CollectionItem, CollectionItem.collection_id == Resource.id)
        .join(ResourceEntry, ResourceEntry.id == Resource.id)
        .where(CollectionItem.resource_id == resource.id, visible(viewer))
        .order_by(Resource.used.desc(), Resource.id)
        .limit(10)
    )
    return db.session.scalars(statement).unique().all()


def own_collections(person_id: int, organization_id: int) -> Sequence[Resource]:
    """Collections somebody can add to."""
    statement = written_by(person_id, organization_id).where(Resource.kind == COLLECTION, Resource.state != RETIRED)
    return db.session.scalars(statement.limit(50)).unique().all()


def vocabularies_for(organization_id: int | None) -> Sequence[Vocabulary]:
    """The hub's own vocabularies and an organization's, with their terms."""
    statement = (
        select(Vocabulary)
        .where(or_(Vocabulary.organization_id.is_(None), Vocabulary.organization_id == organization_id))
        .options(selectinload(Vocabulary.terms))
        .order_by(Vocabulary.organization_id.is_not(None), Vocabulary.name, Vocabulary.id)
    )
    return db.session.scalars(statement).all()


def counts_of(organization_id: int) -> tuple[int, int, int]:
    """(published resources of the organization, LMS courses of others that use them, resources of others it uses)."""
    published = select(func.count()).where(Resource.organization_id == organization_id, Resource.state == PUBLISHED)
    used = select(ResourceUse.id).join(Resource, Resource.id == ResourceUse.resource_id)
    given = used.where(Resource.organization_id == organization_id, ResourceUse.organization_id != organization_id)
    taken = used.where(Resource.organization_id != organization_id, ResourceUse.organization_id == organization_id)
    counts = (published, *(select(func.count()).select_from(each.subquery()) for each in (given, taken)))
    row = db.session.execute(select(*(each.scalar_subquery() for each in counts))).one()
    return row[0], row[1], row[2]


def titles_of_contexts(context_ids: Collection[int]) -> dict[int, str]:
    """Names of LMS courses."""
    statement = select(Context.id, Context.title, Context.label).where(Context.id.in_(context_ids))
    return {ident: title or label for ident, title, label in db.session.execute(statement)}


def has_completed(identity_id: int, resource_id: int, context_id: int) -> bool:
    """Has this pupil said that the resource is worked through?"""
    key = {"resource_id": resource_id, "context_id": context_id, "identity_id": identity_id}
    return db.session.scalar(select(CompletedWork.id).filter_by(**key)) is not None
