"""The work of imports: a source is opened, read entry by entry, and brought in piece by piece; a restart goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

import structlog

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, unit_of_work, utcnow
from lti_tool.core.discarding import discard
from lti_tool.core.storage import TooLarge, current_storage
from lti_tool.exchange.community.queries import names_of
from lti_tool.exchange.importing import operations
from lti_tool.exchange.importing.items import Item, Member, Refused
from lti_tool.exchange.importing.models import WAITING, Import
from lti_tool.exchange.importing.operations import Prepared
from lti_tool.exchange.importing.packages import MOST_MEMBER, MOST_STORED, Package
from lti_tool.exchange.importing.queries import made_by, stored_by
from lti_tool.exchange.importing.sources import SourceFile, opened_source
from lti_tool.files.inspection import examine
from lti_tool.files.models import CHECKING
from lti_tool.files.operations.keeping import Brought
from lti_tool.people.actor import Actor

AT_ONCE = 500
"""Entries brought in by one transaction."""
TAKES = timedelta(hours=1)
"""A worker that has brought in nothing for so long is gone."""
MOST_ATTEMPTS = 5
LOOKS_AGAIN = timedelta(seconds=20)
"""After a file that is still being checked for viruses."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Job:
    """A claimed import, as values."""

    id: int
    source: str
    url: str
    files: tuple[SourceFile, ...]
    done: int
    attempts: int
    undoing: bool
    author: str


@jobs.task("exchange.run_import")
def run_import(import_id: int) -> None:
    """Bring in, or take back, one import."""
    with unit_of_work():
        job = _claimed(import_id)
    if job is None:
        return
    try:
        if job.undoing:
            _undo(job)
        elif any(each.state == CHECKING for each in job.files):
            _later(job, LOOKS_AGAIN, attempts=0)
        else:
            _bring_in(job)
    except Refused as refused:
        _fail(job, refused.code)
    except Exception as error:  # whatever the storage or the database raises: it may be away for a while
        log.warning("import stopped", import_id=import_id, error=type(error).__name__)
        if job.attempts >= MOST_ATTEMPTS and not job.undoing:
            _fail(job, "failed")
        else:
            _later(job, timedelta(minutes=job.attempts))


def _claimed(import_id: int) -> _Job | None:
    if not jobs.claim(Import, import_id):
        return None
    row = db.session.get_one(Import, import_id, populate_existing=True)
    row.leased_until = utcnow() + TAKES
    files = tuple(SourceFile.of(each.file) for each in row.files)
    behalf = Actor(person_id=row.person_id, organization_id=row.organization_id)
    author = names_of(behalf, [row]).get(row.person_id, "")
    return _Job(row.id, row.source, row.url, files, row.done, row.attempts, row.undoing, author)


def _later(job: _Job, wait: timedelta, attempts: int | None = None) -> None:
    with unit_of_work():
        row = db.session.get_one(Import, job.id)
        row.state, row.due_at, row.leased_until, row.leased_by = WAITING, utcnow() + wait, None, None
        row.attempts = row.attempts if attempts is None else attempts


def _fail(job: _Job, code: str) -> None:
    with unit_of_work():
        operations.fail(db.session.get_one(Import, job.id), code)


def _bring_in(job: _Job) -> None:
    end_reading()
    with opened_source(job.source, job.url, job.files) as (contents, package):
        with unit_of_work():
            row = db.session.get_one(Import, job.id)
            row.total, row.title = contents.total, contents.title or row.title
        end_reading()
        room = _Room(MOST_STORED - stored_by(job.id))
        items = islice(contents.items, job.done, None)
        start = job.done
        while piece := list(islice(items, AT_ONCE)):
            _bring_piece(job, start, piece, package, room)
            start += len(piece)
    with unit_of_work():
        operations.finish(db.session.get_one(Import, job.id), job.author)


@dataclass
class _Room:
    """Bytes that an import may still write, and what of its package is in the storage."""

    left: int
    """What is refused only once it is written counts as well."""
    stored: dict[str, Brought] = field(default_factory=dict)
    """By path: a member is written once, however many entries name it."""
    ids: dict[str, int] = field(default_factory=dict)
    """Of those that entries have, by key."""

    def spend(self, size: int) -> None:
        """Raises Refused(full)."""
        if size > self.left:
            raise Refused("full")
        self.left -= size

    def loose(self) -> list[str]:
        """Keys of what no entry has."""
        return [file.key for file in self.stored.values() if file.key not in self.ids]


def _bring_piece(job: _Job, start: int, piece: Sequence[Item], package: Package | None, room: _Room) -> None:
    before = dict(room.ids)
    try:
        prepared = [_prepared(item, package, room) for item in piece]
        with unit_of_work():
            row = db.session.get_one(Import, job.id, populate_existing=True)
            room.ids |= operations.store_entries(row, start, prepared, job.author, room.ids)
            discard(room.loose())
            row.leased_until = utcnow() + TAKES
    except BaseException:
        room.ids = before
        with unit_of_work():
            discard(room.loose())
        raise
    room.stored = {path: file for path, file in room.stored.items() if file.key in room.ids}
    db.session.expunge_all()


def _prepared(item: Item, package: Package | None, room: _Room) -> Prepared:
    """The entry with its files in the storage; or with the reason why not, and no file."""
    if item.refusal or package is None:
        return Prepared(item, digests=(item.digest,) if item.digest else ())
    try:
        room.spend(len(item.body.encode()))
        files = tuple(_stored(member, package, room) for member in item.members)
    except (Refused, TooLarge) as error:
        return Prepared(replace(item, refusal=error.code if isinstance(error, Refused) else "too_large"))
    return Prepared(item, files, tuple(file.facts.sha256 for file in files))


def _stored(member: Member, package: Package, room: _Room) -> Brought:
    if member.path not in room.stored:
        with package.open(member.path) as stream:
            room.spend(package.size(member.path))
            key = current_storage().save(stream, limit=MOST_MEMBER).key
        room.stored[member.path] = Brought(key, member.name, examine(key, member.name))
    file = room.stored[member.path]
    if file.facts.fault or not file.facts.size:
        raise Refused(file.facts.fault or "empty")
    return file


def _undo(job: _Job) -> None:
    after = 0
    while True:
        with unit_of_work():
            row = db.session.get_one(Import, job.id, populate_existing=True)
            row.leased_until = utcnow() + TAKES
            idents = made_by(row, AT_ONCE, after)
            if not idents:
                operations.end_undo(row)
                return
            operations.take_back(row, idents)
        after = idents[-1]
        db.session.expunge_all()
