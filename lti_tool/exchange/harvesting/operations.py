"""Verbs of harvests: a catalogue is added and changed, its records become resources, are changed with it and go with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from lti_tool.core import audit, jobs
from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.core.versions import step
from lti_tool.exchange.harvesting.answers import Answer, Record
from lti_tool.exchange.harvesting.models import PAUSED, WAITING, HarvestedRecord, HarvestSource
from lti_tool.exchange.importing.items import Item
from lti_tool.exchange.importing.queries import resources_with_urls
from lti_tool.exchange.models import DRAFT, HUB, PUBLISHED, Resource, ResourceVersion
from lti_tool.exchange.operations.bulk import New, add_many, index_many, remove_drafts, retire_many
from lti_tool.exchange.operations.publishing import Content, Credited, Description, newest_version, publish
from lti_tool.exchange.search.queries import viewer_of
from lti_tool.exchange.vocabularies import LANGUAGES
from lti_tool.people.actor import Actor

NEXT_ATTEMPT = timedelta(minutes=15)
"""After a failure; doubled each time, up to the source's own interval."""
NO_LICENCE, DOUBLE = "licence", "double"
"""Reasons of harvests alone."""


def write_source(*, actor: Actor, source: HarvestSource | None, seen: int, **facts: Any) -> HarvestSource:
    """Add a catalogue, or change what is asked of it. Another address, format or set begins anew. Raises Outdated."""
    if source is None:
        assert actor.organization_id is not None
        source = HarvestSource(organization_id=actor.organization_id, **facts)
        db.session.add(source)
    else:
        anew = any(getattr(source, name) != facts[name] for name in ("url", "prefix", "set_name"))
        step(source, seen, **facts)
        if anew:
            source.token, source.began_at, source.harvested_until = "", None, None
    db.session.flush()
    audit.record(actor, "harvest.edit", "harvest", source.id, concerns=source.organization_id)
    return source


def set_paused(*, actor: Actor, source: HarvestSource, paused: bool) -> None:
    """Stop harvesting, or go on at once."""
    if paused and source.state == WAITING:
        source.state = PAUSED
    elif not paused and source.state in (WAITING, PAUSED):
        source.state, source.due_at, source.attempts = WAITING, utcnow(), 0
        jobs.wake(HarvestSource, [source.id])
    audit.record(actor, "harvest.run", "harvest", source.id, concerns=source.organization_id, paused=paused)


def publish_waiting(*, actor: Actor, resources: Sequence[Resource]) -> None:
    """A coordinator has looked: these may be found."""
    for resource in resources:
        publish(actor=actor, resource=resource)


def store_answer(source: HarvestSource, answer: Answer) -> None:
    """Take one page of records, and note how to go on."""
    if not source.token:
        source.began_at, source.taken, source.removed, source.refused = answer.said_at, 0, 0, 0
    newest = {each.identifier: each for each in answer.records}
    wanted = HarvestedRecord.identifier.in_(newest)
    known = {
        row.identifier: row
        for row in db.session.scalars(select(HarvestedRecord).where(HarvestedRecord.source_id == source.id, wanted))
    }
    _remove(
        source, [known[each.identifier] for each in newest.values() if each.item is None and each.identifier in known]
    )
    described = [each for each in newest.values() if each.item is not None]
    _change(source, [(known[each.identifier], each) for each in described if each.identifier in known])
    _add(source, [each for each in described if each.identifier not in known])
    source.token = answer.token
    if not answer.token:
        _finish(source)


def _remove(source: HarvestSource, rows: Sequence[HarvestedRecord]) -> None:
    """Deleted there: drafts go, published resources are retired; classes that use them keep them."""
    idents = [row.resource_id for row in rows if row.resource_id is not None]
    states = dict(db.session.execute(select(Resource.id, Resource.state).where(Resource.id.in_(idents))).tuples().all())
    for row in rows:
        db.session.delete(row)
    db.session.flush()
    remove_drafts(actor=_Harvester(source), idents=[ident for ident, state in states.items() if state == DRAFT])
    retire_many([ident for ident, state in states.items() if state == PUBLISHED])
    source.removed += len(rows)


class _Harvester:
    """The tool itself, for the organization it harvests for."""

    person_id = None

    def __init__(self, source: HarvestSource) -> None:
        self.organization_id: int | None = source.organization_id


def _reason(source: HarvestSource, item: Item) -> str:
    return item.refusal or ("" if item.licence or source.licence else NO_LICENCE)


def _description(source: HarvestSource, item: Item) -> Description:
    return Description(
        title=item.title[:200],
        licence=item.licence or source.licence,
        visibility=HUB,
        summary=item.summary,
        language=item.language if item.language in LANGUAGES else "ru",
        keywords=item.keywords,
    )


def _add(source: HarvestSource, records: Sequence[Record]) -> None:
    items = [(each.identifier, each.item) for each in records if each.item is not None]
    urls = {item.url for _identifier, item in items if item.url}
    there = resources_with_urls(urls, viewer_of(source.organization_id), 0)
    new: list[tuple[str, Item]] = []
    rows: list[dict[str, Any]] = []
    for identifier, item in items:
        reason = _reason(source, item) or (DOUBLE if item.url in there else "")
        if reason:
            rows.append(_row(source, identifier, item, reason))
        else:
            there[item.url] = 0
            new.append((identifier, item))
    idents = add_many(
        organization_id=source.organization_id,
        person_id=None,
        new=[
            New(item.kind, _description(source, item), Content(url=item.url), tuple(map(Credited, item.authors)))
            for _identifier, item in new
        ],
        published=source.trusted,
    )
    rows += [{**_row(source, name, item, ""), "resource_id": i} for (name, item), i in zip(new, idents, strict=True)]
    if rows:
        run(insert(table_of(HarvestedRecord)), rows)
    source.taken += len(new)
    source.refused += len(items) - len(new)


def _row(source: HarvestSource, identifier: str, item: Item, reason: str) -> dict[str, Any]:
    told = {"source_id": source.id, "identifier": identifier, "title": item.title[:200]}
    return {**told, "reason": reason, "resource_id": None}


def _change(source: HarvestSource, pairs: Sequence[tuple[HarvestedRecord, Record]]) -> None:
    """Described anew there. A resource of which people here have made a version of their own stays as it is."""
    again = [(row, record) for row, record in pairs if row.resource_id is None]
    for row, _record in again:
        db.session.delete(row)
    db.session.flush()
    _add(source, [record for _row, record in again])
    idents = [row.resource_id for row, _record in pairs if row.resource_id is not None]
    resources = {each.id: each for each in db.session.scalars(select(Resource).where(Resource.id.in_(idents))).unique()}
    touched = []
    for row, record in pairs:
        resource = resources.get(row.resource_id or 0)
        if resource is None or record.item is None or _reason(source, record.item):
            continue
        version = newest_version(resource)
        if version.person_id is not None:
            continue
        _describe(source, resource, version, record.item)
        touched.append(resource.id)
    db.session.flush()
    index_many(touched)
    source.taken += len(touched)


def _describe(source: HarvestSource, resource: Resource, version: ResourceVersion, item: Item) -> None:
    """A published resource gets another version when its address or licence is another one."""
    told = _description(source, item)
    differs = (version.url, version.licence) != (item.url, told.licence)
    if differs and resource.state != DRAFT:
        resource.number += 1
        version = ResourceVersion(resource_id=resource.id, number=resource.number)
        db.session.add(version)
    version.url, version.title, version.licence = item.url, told.title, told.licence
    for name in ("title", "licence", "summary", "language", "keywords"):
        value = getattr(told, name)
        setattr(resource, name, list(value) if isinstance(value, tuple) else value)
    resource.changed_at = utcnow()


def _finish(source: HarvestSource) -> None:
    source.harvested_until, source.began_at = source.began_at, None
    source.finished_at, source.error, source.error_at = utcnow(), "", None
    counts = {"taken": source.taken, "removed": source.removed, "refused": source.refused}
    audit.record(_Harvester(source), "harvest.finish", "harvest", source.id, **counts)


def rest(source: HarvestSource) -> None:
    """The harvest is over: the next one is due after the source's interval."""
    _free(source, utcnow() + timedelta(hours=source.every_hours))
    source.attempts = 0


def note_failure(source: HarvestSource, code: str, *, anew: bool) -> None:
    """It is tried again, from where it ended, or `anew` when the repository has forgotten that."""
    source.error, source.error_at = code[:60], utcnow()
    if anew:
        source.token, source.began_at = "", None
    wait = min(NEXT_ATTEMPT * 2 ** min(source.attempts - 1, 10), timedelta(hours=source.every_hours))
    _free(source, utcnow() + max(wait, NEXT_ATTEMPT))


def _free(source: HarvestSource, due_at: datetime) -> None:
    source.state, source.due_at, source.leased_until, source.leased_by = WAITING, due_at, None, None
