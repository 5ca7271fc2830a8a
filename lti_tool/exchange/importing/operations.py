"""Verbs of imports: begun by a person, brought in piece by piece by a job, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update

from lti_tool.core import audit, jobs
from lti_tool.core.db import db, execute, run, table_of, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.exchange.importing.items import Item
from lti_tool.exchange.importing.models import (
    DONE,
    DOUBLE,
    FAILED,
    IMPORTED,
    PURPOSE,
    REFUSED,
    UNDONE,
    WAITING,
    Import,
    ImportEntry,
    ImportFile,
)
from lti_tool.exchange.importing.queries import resources_with_files, resources_with_urls
from lti_tool.exchange.models import COLLECTION, DRAFT, PUBLISHED, Resource
from lti_tool.exchange.models import PURPOSE as RESOURCES
from lti_tool.exchange.operations.bulk import New, add_many, fill_collection, remove_drafts, retire_many
from lti_tool.exchange.operations.collecting import MOST_ITEMS
from lti_tool.exchange.operations.publishing import Content, Credited, Description, check_description
from lti_tool.exchange.search.queries import viewer_of
from lti_tool.exchange.vocabularies import LANGUAGES
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Brought, Rules, bring, release, take
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class Order:
    """What is said about everything an import brings; kept with it."""

    licence: str
    visibility: str
    language: str = "ru"
    terms: str = ""
    subjects: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    publish: bool = False
    collect: bool = True
    """Make a collection of each folder, or of everything where there are none."""
    doubles: bool = False
    """Also bring in what is there already."""

    def describes(self, title: str, **more: Any) -> Description:
        """A resource with this title, and what else is known of it."""
        told = {name: value for name, value in vars(self).items() if name not in ("publish", "collect", "doubles")}
        return Description(title=title, **(told | more))

    @classmethod
    def of(cls, job: Import) -> Order:
        told: dict[str, Any] = {
            name: tuple(each) if isinstance(each, list) else each for name, each in job.described.items()
        }
        return cls(**told)


@dataclass(frozen=True)
class Prepared:
    """An entry whose files are in the storage, not yet anybody's."""

    item: Item
    files: tuple[Brought, ...] = ()
    digests: tuple[str, ...] = ()


def begin(
    *,
    actor: Actor,
    organization_id: int,
    source: str,
    order: Order,
    rules: Rules,
    files: Sequence[int] = (),
    url: str = "",
) -> Import:
    """Order an import of files the person brought, or of an address. Raises Invalid."""
    check_description(organization_id, (), order.describes("-"))
    taken = take(actor=actor, ids=files, purpose=PURPOSE, rules=rules)
    job = Import(
        organization_id=organization_id,
        person_id=actor.person_id,
        source=source,
        url=url,
        title=(taken[0].name if taken else url)[:200],
        described=asdict(order),
    )
    job.files = [ImportFile(position=position, file_id=file.id) for position, file in enumerate(taken)]
    db.session.add(job)
    db.session.flush()
    audit.record(actor, "import.begin", "import", job.id, source=source)
    jobs.wake(Import, [job.id])
    return job


def store_entries(
    job: Import, start: int, prepared: Sequence[Prepared], author: str, there: Mapping[str, int]
) -> dict[str, int]:
    """Bring in entries from number `start` on, each wholly or not at all, with their lines of the report.

    `there`: ids of files that earlier entries brought, by key. Gives the same of those that these brought: what is in
    neither is nobody's.
    """
    order = Order.of(job)
    known = {} if order.doubles else _there_already(job, prepared)
    lines = [_line(job, position, each.item) for position, each in enumerate(prepared, start)]
    new: list[tuple[dict[str, Any], Prepared]] = []
    for line, each in zip(lines, prepared, strict=True):
        key = _key(each)
        if each.item.refusal or each.item.again is not None:
            continue
        if key and key in known:
            line |= {"outcome": DOUBLE, "resource_id": known[key]}
        else:
            new.append((line, each))
            if key and not order.doubles:
                known[key] = -len(new)  # by its place among the new ones, until it has a number
    ids = _bring(job, [each for _line, each in new], there)
    idents = _add(job, order, [each for _line, each in new], author, {**there, **ids})
    for (line, _each), ident in zip(new, idents, strict=True):
        line["resource_id"] = ident
    for line in lines:
        if line["resource_id"] is not None and line["resource_id"] < 0:
            line["resource_id"] = idents[-line["resource_id"] - 1]
    _repeat(job, start, lines, prepared)
    run(insert(table_of(ImportEntry)), lines)
    job.done = start + len(prepared)
    return ids


def _line(job: Import, position: int, item: Item) -> dict[str, Any]:
    """A line of the report, before it is known what its resource is."""
    told = {"import_id": job.id, "position": position, "title": item.title[:200] or "–"}
    told |= {"place": item.place[:300], "folder": item.folder[:200], "reason": item.refusal}
    return {**told, "outcome": REFUSED if item.refusal else IMPORTED, "resource_id": None}


def _repeat(job: Import, start: int, lines: Sequence[dict[str, Any]], prepared: Sequence[Prepared]) -> None:
    """What an earlier entry brought is a double of it, or refused as it was."""
    wanted = {each.item.again for each in prepared if each.item.again is not None and each.item.again < start}
    table = table_of(ImportEntry)
    earlier = select(table.c.position, table.c.reason, table.c.resource_id).where(
        table.c.import_id == job.id, table.c.position.in_(wanted)
    )
    found: dict[int, Any] = {row.position: row._mapping for row in db.session.execute(earlier)} if wanted else {}
    for line, each in zip(lines, prepared, strict=True):
        first = each.item.again
        if first is not None:
            told = found[first] if first < start else lines[first - start]
            line |= {"reason": told["reason"], "resource_id": told["resource_id"]}
            line["outcome"] = REFUSED if told["reason"] else DOUBLE


def _key(prepared: Prepared) -> str:
    """What makes two entries the same: the address, or the one file; nothing for a text or for several files."""
    if prepared.item.url:
        return prepared.item.url
    return prepared.digests[0] if len(prepared.digests) == 1 and not prepared.item.body else ""


def _there_already(job: Import, prepared: Sequence[Prepared]) -> dict[str, int]:
    viewer = viewer_of(job.organization_id)
    keys = {_key(each) for each in prepared} - {""}
    urls = {each.item.url for each in prepared if each.item.url}
    return {
        **resources_with_urls(urls, viewer, job.person_id),
        **resources_with_files(keys - urls, viewer, job.person_id),
    }


def _bring(job: Import, prepared: Sequence[Prepared], there: Mapping[str, int]) -> dict[str, int]:
    files = {file.key: file for each in prepared for file in each.files if file.key not in there}
    new = list(files.values())
    ids = bring(person_id=job.person_id, organization_id=job.organization_id, files=new, purpose=RESOURCES)
    return dict(zip(files, ids, strict=True))


def _add(job: Import, order: Order, prepared: Sequence[Prepared], author: str, ids: Mapping[str, int]) -> list[int]:
    new = []
    stored = [each.item.stored for each in prepared if each.item.stored is not None]
    for each in prepared:
        files = (each.item.stored,) if each.item.stored is not None else tuple(ids[file.key] for file in each.files)
        content = Content(each.item.body, each.item.url, files)
        authors = tuple(Credited(name) for name in each.item.authors) or (Credited(author, "", job.person_id),)
        new.append(New(each.item.kind, _description(order, each.item), content, authors))
    if stored:  # they are no longer the import's
        execute(delete(ImportFile).where(ImportFile.import_id == job.id, ImportFile.file_id.in_(stored)))
        now_theirs = update(StoredFile).where(StoredFile.id.in_(stored)).values(purpose=RESOURCES)
        execute(now_theirs.execution_options(synchronize_session=False))
    return add_many(organization_id=job.organization_id, person_id=job.person_id, new=new, published=order.publish)


def _description(order: Order, item: Item) -> Description:
    """What was said for all, and what the source itself says of this one."""
    return order.describes(
        item.title[:200],
        summary=item.summary,
        keywords=item.keywords,
        licence=item.licence or order.licence,
        terms="" if item.licence else order.terms,
        language=item.language if item.language in LANGUAGES else order.language,
    )


def finish(job: Import, author: str) -> None:
    """Everything was read: make the collections, let the source's files go."""
    order = Order.of(job)
    if order.collect:
        _collect(job, order, author)
    _let_files_go(job)
    job.state, job.leased_until, job.leased_by = DONE, None, None
    audit.record(_Behalf(job.person_id, job.organization_id), "import.finish", "import", job.id, entries=job.done)


def _collect(job: Import, order: Order, author: str) -> None:
    folders: dict[str, dict[int, None]] = {}
    rows = select(ImportEntry.folder, ImportEntry.resource_id).where(
        ImportEntry.import_id == job.id, ImportEntry.resource_id.is_not(None)
    )
    for folder, ident in db.session.execute(rows.order_by(ImportEntry.position)):
        folders.setdefault(folder or job.title, {})[ident] = None
    for folder, found in folders.items():
        idents = list(found)
        for part, first in enumerate(range(0, len(idents), MOST_ITEMS), 1):
            title = folder if len(idents) <= MOST_ITEMS else f"{folder[:190]} ({part})"
            _make_collection(job, order, title, idents[first : first + MOST_ITEMS], author)


def _make_collection(job: Import, order: Order, title: str, idents: Sequence[int], author: str) -> None:
    if len(idents) < 2:
        return
    new = New(COLLECTION, order.describes(title[:200]), Content(), (Credited(author, "", job.person_id),))
    made = add_many(organization_id=job.organization_id, person_id=job.person_id, new=[new], published=order.publish)
    fill_collection(made[0], idents)
    line = {
        "import_id": job.id,
        "position": job.done,
        "title": title[:200],
        "outcome": IMPORTED,
        "resource_id": made[0],
    }
    run(insert(table_of(ImportEntry)), [line])
    job.done += 1
    job.total = max(job.total, job.done)


def fail(job: Import, code: str) -> None:
    """Nothing, or nothing more, can be read; what was brought in before stays and can be undone."""
    _let_files_go(job)
    job.state, job.fault, job.leased_until, job.leased_by = FAILED, code, None, None
    audit.record(_Behalf(job.person_id, job.organization_id), "import.finish", "import", job.id, fault=code)


def _let_files_go(job: Import) -> None:
    files = [each.file for each in job.files]
    execute(delete(ImportFile).where(ImportFile.import_id == job.id))
    db.session.expire(job, ["files"])
    release(actor=_Behalf(job.person_id, job.organization_id), files=files)


def undo(*, actor: Actor, job: Import) -> None:
    """Have a job take back what an import brought. Raises Conflict while it is under way."""
    if job.state == UNDONE or job.undoing:
        return
    if job.state not in (DONE, FAILED):
        raise Conflict(_("The import is still under way. Wait until it has ended."))
    job.undoing, job.state, job.due_at, job.attempts = True, WAITING, utcnow(), 0
    audit.record(actor, "import.undo", "import", job.id, concerns=job.organization_id)
    jobs.wake(Import, [job.id])


def take_back(job: Import, idents: Sequence[int]) -> None:
    """Undo a piece of an import: drafts go, published resources are retired, what was changed since then stays."""
    behalf = _Behalf(job.person_id, job.organization_id)
    unchanged = select(Resource.id, Resource.state).where(Resource.id.in_(idents), Resource.version == 1)
    states = dict(db.session.execute(unchanged).tuples().all())
    remove_drafts(actor=behalf, idents=[ident for ident, state in states.items() if state == DRAFT])
    retire_many([ident for ident, state in states.items() if state == PUBLISHED])


def end_undo(job: Import) -> None:
    """All of it is taken back."""
    job.state, job.leased_until, job.leased_by = UNDONE, None, None


@dataclass(frozen=True)
class _Behalf:
    """Whoever began an import, for the audit trail."""

    person_id: int | None
    organization_id: int | None
