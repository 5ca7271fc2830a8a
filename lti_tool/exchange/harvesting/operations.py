"""Verbs of harvests: a catalogue is added and changed, its records become resources, are changed with it and go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select

from lti_tool.core import audit, jobs
from lti_tool.core.db import db, execute, run, table_of, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.core.versions import step
from lti_tool.exchange.harvesting.answers import Answer, Record
from lti_tool.exchange.harvesting.models import PAUSED, WAITING, HarvestedRecord, HarvestSource
from lti_tool.exchange.harvesting.queries import changed_of, waiting_of
from lti_tool.exchange.importing.items import Item, Refused
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
SAID = ("title", "licence", "summary", "language")
"""Of a resource, by its source; and its address and keywords."""
MOST_RECORDS = 100_000
"""Records of one source."""
AT_ONCE = 500
"""Drafts removed by one statement."""


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


def publish_waiting(*, actor: Actor, source: HarvestSource, seen: Mapping[int, str]) -> int:
    """A coordinator has looked at these drafts, `seen` with their versions by id: they may be found. How many were; one
    that was changed since then waits for another look."""
    found = db.session.scalars(waiting_of(source).where(Resource.id.in_(seen)).with_for_update(of=Resource)).unique()
    looked_at = [each for each in found if str(each.version) == seen[each.id]]
    for resource in looked_at:
        publish(actor=actor, resource=resource)
    return len(looked_at)


def take_offered(*, actor: Actor, source: HarvestSource, seen: Mapping[int, str]) -> int:
    """A coordinator has looked at these changes, `seen` as HarvestedRecord.offer by id: the resources become what the
    source says of them now. How many did; one of which it says something else by now waits for another look."""
    rows = _looked_at(source, seen)
    touched = []
    for row in rows:
        if row.resource is not None and row.offered is not None:
            _describe(row.resource, newest_version(row.resource), row.offered)
            touched.append(row.resource.id)
    _let_offered_go(actor, source, rows, taken=True)
    index_many(touched)
    return len(rows)


def keep_ours(*, actor: Actor, source: HarvestSource, seen: Mapping[int, str]) -> int:
    """A coordinator has looked at these changes: the resources stay as they are. How many, as for take_offered."""
    rows = _looked_at(source, seen)
    _let_offered_go(actor, source, rows, taken=False)
    return len(rows)


def _looked_at(source: HarvestSource, seen: Mapping[int, str]) -> list[HarvestedRecord]:
    wanted = changed_of(source).where(HarvestedRecord.id.in_(seen)).with_for_update(of=HarvestedRecord)
    return [row for row in db.session.scalars(wanted) if row.offer == seen[row.id]]


def _let_offered_go(actor: Actor, source: HarvestSource, rows: Sequence[HarvestedRecord], *, taken: bool) -> None:
    for row in rows:
        row.offered = None
    db.session.flush()
    told = {"records": len(rows), "taken": taken}
    audit.record(actor, "harvest.decide", "harvest", source.id, concerns=source.organization_id, **told)


def remove_source(*, actor: Actor, source: HarvestSource) -> None:
    """Harvest it no more. What was published stays and goes on naming the catalogue; what still waits for a look goes.
    Raises Conflict while a harvest is under way."""
    db.session.refresh(source, with_for_update=True)
    if source.state not in (WAITING, PAUSED):
        raise Conflict(_("A harvest is under way. Wait until it has ended."))
    rows = HarvestedRecord.source_id == source.id
    drafts = select(Resource.id).join(HarvestedRecord, HarvestedRecord.resource_id == Resource.id)
    waiting = list(db.session.scalars(drafts.where(rows, Resource.state == DRAFT)))
    audit.record(actor, "harvest.remove", "harvest", source.id, concerns=source.organization_id, name=source.name)
    db.session.flush()
    execute(delete(HarvestedRecord).where(rows).execution_options(synchronize_session=False))
    for start in range(0, len(waiting), AT_ONCE):
        remove_drafts(actor=_Harvester(source), idents=waiting[start : start + AT_ONCE])
    db.session.delete(source)
    db.session.flush()


def store_answer(source: HarvestSource, answer: Answer) -> None:
    """Take one page of records, and note how to go on. Raises Refused(too_many)."""
    if not source.token:
        source.began_at, source.taken, source.removed, source.refused = answer.said_at, 0, 0, 0
    newest = {each.identifier: each for each in answer.records}
    wanted = HarvestedRecord.identifier.in_(newest)
    known = {
        row.identifier: row
        for row in db.session.scalars(select(HarvestedRecord).where(HarvestedRecord.source_id == source.id, wanted))
    }
    _require_room(source, seen=len(answer.records), new=len(newest.keys() - known.keys()))
    _remove(
        source, [known[each.identifier] for each in newest.values() if each.item is None and each.identifier in known]
    )
    described = [each for each in newest.values() if each.item is not None]
    _change(source, [(known[each.identifier], each) for each in described if each.identifier in known])
    _add(source, [each for each in described if each.identifier not in known])
    source.token = answer.token
    if not answer.token:
        _finish(source)


def _require_room(source: HarvestSource, *, seen: int, new: int) -> None:
    """In one harvest, and in all of them together, a source brings no more than so many records."""
    held = db.session.scalar(select(func.count()).where(HarvestedRecord.source_id == source.id)) or 0
    so_far = source.taken + source.removed + source.refused
    if max(held + new, so_far + seen) > MOST_RECORDS:
        raise Refused("too_many")


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
            New(
                item.kind,
                _description(source, item),
                Content(url=item.url),
                tuple(map(Credited, item.authors)),
                source.name,
            )
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
    """Described anew there. A resource of which people here have made a version of their own stays as it is; what
    others see already changes at once only when the source is trusted, and else when a coordinator has looked."""
    again = [(row, record) for row, record in pairs if row.resource_id is None]
    for row, _record in again:
        db.session.delete(row)
    db.session.flush()
    _add(source, [record for _row, record in again])
    idents = [row.resource_id for row, _record in pairs if row.resource_id is not None]
    wanted = select(Resource).where(Resource.id.in_(idents)).with_for_update(of=Resource)
    resources = {each.id: each for each in db.session.scalars(wanted).unique()}
    touched = []
    for row, record in pairs:
        resource = resources.get(row.resource_id or 0)
        if resource is None or record.item is None or _reason(source, record.item):
            continue
        version = newest_version(resource)
        if version.person_id is not None:
            continue
        source.taken += 1
        told, row.offered = _told(source, record.item), None
        if told == _shown(resource, version):
            continue
        if source.trusted or resource.state == DRAFT:
            _describe(resource, version, told)
            touched.append(resource.id)
        else:
            row.offered = told
    db.session.flush()
    index_many(touched)


def _told(source: HarvestSource, item: Item) -> dict[str, Any]:
    """What a source says of a resource: what _describe writes."""
    told = _description(source, item)
    return {"url": item.url} | {name: getattr(told, name) for name in SAID} | {"keywords": list(told.keywords)}


def _shown(resource: Resource, version: ResourceVersion) -> dict[str, Any]:
    """The same of the resource as it is here."""
    return {"url": version.url} | {name: getattr(resource, name) for name in SAID} | {"keywords": resource.keywords}


def _describe(resource: Resource, version: ResourceVersion, told: dict[str, Any]) -> None:
    """A published resource gets another version when its address or licence is another one."""
    differs = (version.url, version.licence) != (told["url"], told["licence"])
    if differs and resource.state != DRAFT:
        resource.number += 1
        version = ResourceVersion(resource_id=resource.id, number=resource.number)
        db.session.add(version)
    version.url, version.title, version.licence = told["url"], told["title"], told["licence"]
    for name in (*SAID, "keywords"):
        setattr(resource, name, told[name])
    resource.changed_at = utcnow()
    resource.version += 1


def _finish(source: HarvestSource) -> None:
    source.harvested_until, source.began_at = source.began_at, None
    source.finished_at, source.error, source.error_at = utcnow(), "", None
    counts = {"taken": source.taken, "removed": source.removed, "refused": source.refused}
    audit.record(_Harvester(source), "harvest.finish", "harvest", source.id, **counts)


def rest(source: HarvestSource) -> None:
    """The harvest is over: the next one is due after the source's interval."""
    _free(source, utcnow() + timedelta(hours=source.every_hours))
    source.attempts = 0


def give_up(source: HarvestSource, code: str) -> None:
    """It is of no use to go on: paused until somebody has it harvested again, from the beginning."""
    source.error, source.error_at = code, utcnow()
    source.token, source.began_at = "", None
    _free(source, utcnow())
    source.state = PAUSED
    audit.record(_Harvester(source), "harvest.finish", "harvest", source.id, fault=code)


def note_failure(source: HarvestSource, code: str, *, anew: bool) -> None:
    """It is tried again, from where it ended, or `anew` when the repository has forgotten that."""
    source.error, source.error_at = code[:60], utcnow()
    if anew:
        source.token, source.began_at = "", None
    wait = min(NEXT_ATTEMPT * 2 ** min(source.attempts - 1, 10), timedelta(hours=source.every_hours))
    _free(source, utcnow() + max(wait, NEXT_ATTEMPT))


def _free(source: HarvestSource, due_at: datetime) -> None:
    source.state, source.due_at, source.leased_until, source.leased_by = WAITING, due_at, None, None
