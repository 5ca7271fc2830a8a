"""How much there is of whose files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from lti_tool.core.db import db
from lti_tool.files.models import StoredFile


@dataclass(frozen=True)
class Amount:
    """Files of one organization, whatever for."""

    files: int = 0
    bytes: int = 0


def amounts(organization_ids: Collection[int] | None = None) -> Mapping[int | None, Amount]:
    """How much each organization keeps, by its id (None: operators); all that have any when none are named. One
    statement."""
    statement = select(StoredFile.organization_id, func.count(), func.sum(StoredFile.size))
    if organization_ids is not None:
        statement = statement.where(StoredFile.organization_id.in_(organization_ids))
    rows = db.session.execute(statement.group_by(StoredFile.organization_id))
    return {owner: Amount(count, int(size)) for owner, count, size in rows}
