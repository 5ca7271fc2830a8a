"""Public resources as a repository shows them, with those that no longer are public; and the catalogues we harvest, with
what became of their records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from lti_tool.core.db import db, get_or_none
from lti_tool.exchange.harvesting.models import HarvestedRecord, HarvestSource
from lti_tool.exchange.models import DRAFT, PUBLIC, PUBLISHED, Resource, ResourceVersion
from lti_tool.organizations.models import Organization


@dataclass(frozen=True)
class Wanted:
    """Which records a harvester asks for."""

    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
    organization_id: int | None = None
    after: tuple[datetime, int] | None = None
    """The last record it has had."""


def is_public(resource: Resource) -> bool:
    """May everybody have it now? If not, and it once was, it is told as deleted."""
    return resource.state == PUBLISHED and resource.visibility == PUBLIC


def records(wanted: Wanted, limit: int) -> Sequence[Resource]:
    """Records in the order of their changes; one more than a page shows whether there is another."""
    statement = _matching(wanted).options(selectinload(Resource.authors), selectinload(Resource.origins))
    return db.session.scalars(statement.order_by(Resource.changed_at, Resource.id).limit(limit)).unique().all()


def count(wanted: Wanted) -> int:
    """How many records there are in all."""
    statement = _matching(wanted).with_only_columns(func.count(Resource.id)).order_by(None)
    return db.session.scalar(statement) or 0


def _matching(wanted: Wanted) -> Select[tuple[Resource]]:
    statement = select(Resource).where(Resource.public_at.is_not(None))
    if wanted.since is not None:
        statement = statement.where(Resource.changed_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(Resource.changed_at < wanted.until)
    if wanted.organization_id is not None:
        statement = statement.where(Resource.organization_id == wanted.organization_id)
    if wanted.after is not None:
        moment, ident = wanted.after
        later = or_(Resource.changed_at > moment, and_(Resource.changed_at == moment, Resource.id > ident))
        statement = statement.where(later)
    return statement


def record(ident: int) -> Resource | None:
    """A record by its number; None for what never was public."""
    found = get_or_none(Resource, ident)
    return found if found is not None and found.public_at is not None else None


def earliest() -> datetime | None:
    """The oldest change."""
    return db.session.scalar(select(func.min(Resource.changed_at)).where(Resource.public_at.is_not(None)))


def sets() -> Sequence[Organization]:
    """Organizations with records."""
    there = select(Resource.id).where(Resource.organization_id == Organization.id, Resource.public_at.is_not(None))
    return db.session.scalars(select(Organization).where(there.exists()).order_by(Organization.id)).all()


def sources_of(organization_id: int | None) -> Select[tuple[HarvestSource]]:
    """Catalogues an organization harvests; all of them for None."""
    statement = select(HarvestSource)
    if organization_id is not None:
        statement = statement.where(HarvestSource.organization_id == organization_id)
    return statement.order_by(HarvestSource.name, HarvestSource.id)


def names_of_owners(sources: Sequence[HarvestSource]) -> dict[int, str]:
    """Names of the organizations that harvest these."""
    wanted = {each.organization_id for each in sources}
    statement = select(Organization.id, Organization.name).where(Organization.id.in_(wanted))
    return dict(db.session.execute(statement).tuples().all())


def waiting_of(source: HarvestSource) -> Select[tuple[Resource]]:
    """What a catalogue brought and nobody has looked at yet."""
    return (
        select(Resource)
        .join(HarvestedRecord, HarvestedRecord.resource_id == Resource.id)
        .where(HarvestedRecord.source_id == source.id, Resource.state == DRAFT)
        .options(selectinload(Resource.authors))
        .order_by(Resource.id)
    )


def changed_of(source: HarvestSource) -> Select[tuple[HarvestedRecord]]:
    """Records that are described anew there, while others see here what was said before."""
    return (
        select(HarvestedRecord)
        .join(Resource, Resource.id == HarvestedRecord.resource_id)
        .where(HarvestedRecord.source_id == source.id, HarvestedRecord.offered.is_not(None))
        .options(selectinload(HarvestedRecord.resource))
        .order_by(HarvestedRecord.id)
    )


def addresses_of(resources: Sequence[Resource]) -> dict[int, str]:
    """By id: where these lead now."""
    statement = select(Resource.id, ResourceVersion.url).where(
        ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.number
    )
    found = statement.where(Resource.id.in_([each.id for each in resources]))
    return dict(db.session.execute(found).tuples().all())


def refused_of(source: HarvestSource, limit: int) -> Sequence[HarvestedRecord]:
    """Records that were not taken, the newest first."""
    statement = select(HarvestedRecord).where(HarvestedRecord.source_id == source.id, HarvestedRecord.reason != "")
    return db.session.scalars(statement.order_by(HarvestedRecord.id.desc()).limit(limit)).all()
