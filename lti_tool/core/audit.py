"""The audit trail: who did what to which thing, when and from which organization. Holds ids, never names."""

from __future__ import annotations

from collections.abc import Mapping
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
    __table_args__ = (
        Index(None, "thing", "thing_id"),
        Index(None, "organization_id", "at"),
        Index(None, "concerns_id", "at"),
        Index(None, "seal_id"),
        Index(None, "person_id"),
        Index(None, "verb", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    person_id: Mapped[int | None]
    """None: the tool itself or the command line."""
    organization_id: Mapped[int | None]
    concerns_id: Mapped[int | None]
    """The organization whose thing it is, when somebody else acted."""
    verb: Mapped[str] = mapped_column(String(60))
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
    """Ids, states and counts only."""
    seal_id: Mapped[int | None]
    """None until it is sealed, within minutes; see core.seals."""


def record(
    actor: Acting | None,
    verb: str,
    thing: str,
    thing_id: int | None = None,
    *,
    concerns: int | None = None,
    **facts: Any,
) -> None:
    """Add a line, in the same transaction as the act itself. `concerns`: the organization whose thing it is."""
    assert verb in _verbs, f"{verb} has no words: see word()"
    assert thing in _things, f"{thing} has no words: see word()"
    organization_id = actor.organization_id if actor else None
    values = {
        "at": utcnow(),
        "person_id": actor.person_id if actor else None,
        "organization_id": organization_id,
        "concerns_id": concerns if concerns != organization_id else None,
        "verb": verb,
        "thing": thing,
        "thing_id": thing_id,
        "facts": facts,
    }
    run(_RECORD, values)


_RECORD = insert(table_of(AuditEvent)).inline()


_verbs: dict[str, Any] = {}
_things: dict[str, Any] = {}


def word(verbs: Mapping[str, Any], things: Mapping[str, Any]) -> None:
    """A feature tells what its verbs and things are called on the page of the trail."""
    _verbs.update(verbs)
    _things.update(things)


def verb_name(verb: str) -> str:
    """A verb in words; the verb itself when no feature knows it any more."""
    return str(_verbs.get(verb, verb))


def thing_name(thing: str) -> str:
    """A kind of thing in words."""
    return str(_things.get(thing, thing))


def known_verbs() -> dict[str, str]:
    """Every verb in words."""
    return {verb: str(text) for verb, text in _verbs.items()}


def known_things() -> dict[str, str]:
    """Every kind of thing in words."""
    return {thing: str(text) for thing, text in _things.items()}
