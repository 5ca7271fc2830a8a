"""How much each organization has in the storage: every feature that keeps files says where its rows are.

The sums are made once an hour by a job, so that no page goes through all files.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, delete, func, select

from lti_tool.core import jobs
from lti_tool.core.db import db, execute, utcnow
from lti_tool.organizations.models import StorageUse

_kept: dict[str, Select[tuple[int, int]]] = {}


def keeps_files(kind: str, rows: Select[tuple[int, int]]) -> None:
    """Tell of one kind of files: `rows` selects (organization's id, bytes) of each."""
    _kept[kind] = rows


@jobs.every(timedelta(hours=1))
def count_files() -> None:
    """Make the sums anew."""
    sums: dict[int, list[int]] = {}
    for rows in _kept.values():
        owner, size = rows.subquery().c
        counted = select(owner, func.count(), func.sum(size), func.max(size)).group_by(owner)
        for organization_id, files, total, largest in db.session.execute(counted):
            known = sums.setdefault(organization_id, [0, 0, 0])
            sums[organization_id] = [known[0] + files, known[1] + int(total), max(known[2], largest)]
    now = utcnow()
    execute(delete(StorageUse))
    db.session.add_all(
        StorageUse(organization_id=ident, files=files, bytes=total, largest=largest, counted_at=now)
        for ident, (files, total, largest) in sums.items()
    )
