"""Files that are to go from the storage: rows written with the deletion of whatever named them, so that neither a crash nor
a storage that is away for a while leaves a file behind that nobody knows of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog
from flask import Flask
from sqlalchemy import Delete, Index, String, Update, delete, insert, update
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core import jobs
from lti_tool.core.db import Base, db, end_reading, execute, run, table_of, unit_of_work, utcnow
from lti_tool.core.storage import current_storage

NEXT_ATTEMPT = timedelta(minutes=10)
"""The storage could not remove a file: it is asked again, for as long as it takes."""
log = structlog.get_logger(__name__)


class Discarded(jobs.OutboxMixin, Base):
    """A file that nothing names any more; the row goes once the storage has removed it."""

    __tablename__ = "discarded_file"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))


def discard(keys: Iterable[str]) -> int:
    """Have files removed from the storage once this transaction is committed; returns how many. Nudges nobody: the sweep
    comes within seconds."""
    now = utcnow()
    rows = [{"key": key, "state": "waiting", "due_at": now, "attempts": 0} for key in keys]
    if rows:
        run(insert(table_of(Discarded)), rows)
    return len(rows)


@jobs.task("core.remove_file")
def remove_file(row_id: int) -> None:
    """Remove one file from the storage, and then its row."""
    with unit_of_work():
        mine = jobs.claim(Discarded, row_id)
        row = db.session.get(Discarded, row_id) if mine else None
        key = row.key if row else None
    if key is None:
        return
    end_reading()
    try:
        current_storage().delete(key)
    except Exception as error:  # whatever the storage raises: it may be away for a while
        log.warning("file not removed", error=type(error).__name__)
        values = {"state": "waiting", "due_at": utcnow() + NEXT_ATTEMPT, "leased_until": None, "leased_by": None}
        change: Update | Delete = update(Discarded).where(Discarded.id == row_id).values(**values)
    else:
        change = delete(Discarded).where(Discarded.id == row_id)
    with unit_of_work():
        execute(change.execution_options(synchronize_session=False))


def init_app(_app: Flask) -> None:
    jobs.sweep(Discarded, remove_file)
