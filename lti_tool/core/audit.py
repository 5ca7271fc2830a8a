"""The audit trail: who did what to which thing, when and from which organization. Holds ids, never names."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Index, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, run, table_of, utcnow


class Acting(Protocol):
    """What the trail keeps of whoever acts."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def organization_id(self) -> int | None: ...


class AuditEvent(Base):
    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "thing", "thing_id"), Index(None, "organization_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    person_id: Mapped[int | None]
    """None: the tool itself or the command line."""
    organization_id: Mapped[int | None]
    verb: Mapped[str] = mapped_column(String(60))
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
    """Ids, states and counts only."""


def record(actor: Acting | None, verb: str, thing: str, thing_id: int | None = None, **facts: Any) -> None:
    """Add a line, in the same transaction as the act itself."""
    values = {
        "at": utcnow(),
        "person_id": actor.person_id if actor else None,
        "organization_id": actor.organization_id if actor else None,
        "verb": verb,
        "thing": thing,
        "thing_id": thing_id,
        "facts": facts,
    }
    run(_RECORD, values)


_RECORD = insert(table_of(AuditEvent)).inline()
