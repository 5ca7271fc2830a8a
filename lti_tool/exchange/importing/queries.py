"""Reads of imports and of what is in the exchange already."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import selectinload

from lti_tool.core.db import db
from lti_tool.exchange.importing.models import IMPORTED, Import, ImportEntry
from lti_tool.exchange.models import DRAFT, RETIRED, Resource, ResourceFile, ResourceVersion
from lti_tool.exchange.search.models import ResourceEntry
from lti_tool.exchange.search.queries import Viewer, visible
from lti_tool.files.models import StoredFile


def imports_of(person_id: int, organization_id: int, *, coordinates: bool) -> Select[tuple[Import]]:
    """A person's imports, or all of the organization for its coordinator; the newest first."""
    statement = select(Import).where(Import.organization_id == organization_id)
    if not coordinates:
        statement = statement.where(Import.person_id == person_id)
    return statement.order_by(Import.id.desc())


def entries_of(job: Import, outcome: str = "") -> Select[tuple[ImportEntry]]:
    """The lines of a report in their order."""
    statement = select(ImportEntry).where(ImportEntry.import_id == job.id).options(selectinload(ImportEntry.resource))
    if outcome:
        statement = statement.where(ImportEntry.outcome == outcome)
    return statement.order_by(ImportEntry.position)


def counts_of(job: Import) -> dict[str, int]:
    """How many entries came out how."""
    statement = select(ImportEntry.outcome, func.count()).where(ImportEntry.import_id == job.id)
    return dict(db.session.execute(statement.group_by(ImportEntry.outcome)).tuples().all())


def _known(viewer: Viewer, person_id: int) -> ColumnElement[bool]:
    """Resources this person may know of: what they find, and their own drafts."""
    found = exists().where(ResourceEntry.id == Resource.id, visible(viewer))
    mine = (Resource.person_id == person_id) & (Resource.organization_id == viewer.organization_id)
    return or_(found, mine & (Resource.state == DRAFT)) & (Resource.state != RETIRED)


def resources_with_files(digests: Collection[str], viewer: Viewer, person_id: int) -> dict[str, int]:
    """By the digest of a file: the first resource that holds it now, as far as this person may know of it."""
    statement = (
        select(StoredFile.sha256, func.min(Resource.id))
        .join(ResourceFile, ResourceFile.file_id == StoredFile.id)
        .join(ResourceVersion, ResourceVersion.id == ResourceFile.version_id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(StoredFile.sha256.in_(digests), ResourceVersion.number == Resource.number)
        .where(_known(viewer, person_id))
        .group_by(StoredFile.sha256)
    )
    return dict(db.session.execute(statement).tuples().all()) if digests else {}


def resources_with_urls(urls: Collection[str], viewer: Viewer, person_id: int) -> dict[str, int]:
    """The same by address."""
    statement = (
        select(ResourceVersion.url, func.min(Resource.id))
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(ResourceVersion.url.in_(urls), ResourceVersion.number == Resource.number)
        .where(_known(viewer, person_id))
        .group_by(ResourceVersion.url)
    )
    return dict(db.session.execute(statement).tuples().all()) if urls else {}


def stored_by(import_id: int) -> int:
    """Bytes of the files and texts an import has brought in so far."""
    made = (ImportEntry.import_id == import_id) & (ImportEntry.outcome == IMPORTED)
    versions = select(ResourceVersion.id).join(ImportEntry, ImportEntry.resource_id == ResourceVersion.resource_id)
    idents = versions.where(made, ResourceVersion.number == 1)
    held = select(ResourceFile.file_id).where(ResourceFile.version_id.in_(idents))
    files = select(func.sum(StoredFile.size)).where(StoredFile.id.in_(held))
    texts = select(func.sum(func.length(ResourceVersion.body))).where(ResourceVersion.id.in_(idents))
    found = (db.session.scalar(files), db.session.scalar(texts))
    return sum(int(each or 0) for each in found)


def made_by(job: Import, limit: int, after: int) -> list[int]:
    """Ids of resources an import made, in pieces: the next `limit` above `after`."""
    statement = select(ImportEntry.resource_id).where(
        ImportEntry.import_id == job.id, ImportEntry.outcome == IMPORTED, ImportEntry.resource_id > after
    )
    return [ident for ident in db.session.scalars(statement.order_by(ImportEntry.resource_id).limit(limit)) if ident]
