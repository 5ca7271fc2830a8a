"""Background work: making copies, and removing them when their time is over."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, cast

import structlog
from sqlalchemy import delete, select, update

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, execute, run, unit_of_work, utcnow
from lti_tool.core.discarding import discard
from lti_tool.core.storage import StoredFile, current_storage
from lti_tool.people.belongings import archive
from lti_tool.people.belongings.models import FAILED, READY, WAITING, Copy
from lti_tool.people.belongings.queries import subject_of
from lti_tool.people.belongings.registry import Subject

MAKING_TAKES = timedelta(hours=1)
"""A worker that has not come back by then is gone; gigabytes of files take minutes."""
MOST_ATTEMPTS = 3
LARGEST = 20 * 1024**3
"""Bytes of one copy."""
FORGOTTEN_AT_ONCE = 500
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """A copy to make, as values."""

    subject: Subject
    locale: str
    time_zone: str
    attempts: int


@jobs.task("people.make_copy")
def make_copy(copy_id: int) -> None:
    """Make one copy and put it into the storage."""
    with unit_of_work():
        order = _claimed(copy_id)
    if order is None:
        return
    sections = archive.read(order.subject)
    end_reading()
    try:
        stored = _made(sections, order)
    except Exception as error:  # whatever the storage raises: it may be away for a while
        log.warning("copy not made", copy=copy_id, error=type(error).__name__)
        state = WAITING if order.attempts < MOST_ATTEMPTS else FAILED
        _note(copy_id, state=state, due_at=utcnow() + timedelta(minutes=order.attempts))
    else:
        if not _note(copy_id, state=READY, file_key=stored.key, size=stored.size):
            with unit_of_work():  # the person was erased meanwhile
                discard([stored.key])


def _claimed(copy_id: int) -> _Order | None:
    if not jobs.claim(Copy, copy_id):
        return None
    copy = db.session.get_one(Copy, copy_id, populate_existing=True)
    copy.leased_until = utcnow() + MAKING_TAKES
    subject = subject_of(copy.person_id, copy.organization_id)
    if subject is None:
        copy.state = FAILED
        return None
    return _Order(subject, copy.locale, copy.time_zone, copy.attempts)


def _made(sections: list[archive.Section], order: _Order) -> StoredFile:
    with tempfile.TemporaryFile() as file:
        target = cast("BinaryIO", file)
        archive.write(sections, order.subject, target, locale=order.locale, time_zone=order.time_zone)
        file.seek(0)
        return current_storage().save(target, limit=LARGEST)


def _note(copy_id: int, **values: object) -> bool:
    """Write how it went; False when the copy is not wanted any more."""
    free = {"leased_until": None, "leased_by": None}
    with unit_of_work():
        noted = update(Copy).where(Copy.id == copy_id).values(**values, **free)
        return execute(noted.execution_options(synchronize_session=False)).rowcount == 1


@jobs.every(timedelta(hours=1))
def forget_copies() -> None:
    """Remove copies whose time is over, with their files."""
    over = Copy.expires_at < utcnow()
    rows = run(select(Copy.id, Copy.file_key).where(over).limit(FORGOTTEN_AT_ONCE)).all()
    discard([row.file_key for row in rows if row.file_key])
    idents = [row.id for row in rows]
    execute(delete(Copy).where(Copy.id.in_(idents)).execution_options(synchronize_session=False))
