"""Seals of the audit trail: each keeps the digest of its lines and of the seal before it, so that a line that is changed,
removed or slipped in later no longer agrees. See docs/developer/audit.md for what that proves and what not.

Acts only add lines; sealing takes whatever is not sealed yet, so that nobody waits for a chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core import jobs
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import Base, db, execute, run, utcnow

BATCH = 1000
"""Lines of one seal."""
BATCHES = 20
"""Seals made at one go."""
BACKDATED = timedelta(hours=1)
"""A line cannot be so much older than the seal before its own: no act takes as long."""
LEAST_KEPT = timedelta(days=365)
"""Nobody may clear the lines of a seal sooner, so that a seal that was is a fault."""
log = structlog.get_logger(__name__)


class AuditSeal(Base):
    """Some lines of the trail, and the chain so far, in one digest."""

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("previous"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    lines: Mapped[int]
    """How many; the rows may be gone once their time is over (`cleared_at`)."""
    previous: Mapped[str] = mapped_column(String(64))
    """The digest of the seal before; empty for the first. Two seals cannot follow the same one."""
    digest: Mapped[str] = mapped_column(String(64))
    cleared_at: Mapped[datetime | None]
    """When its lines were removed because their time was over."""


@jobs.every(timedelta(minutes=1))
def seal() -> int:
    """Seal what is not sealed yet; returns how many lines. One sealer wins where two run at once, the other raises."""
    total = 0
    for _batch in range(BATCHES):
        lines = run(_LINES.where(AuditEvent.seal_id.is_(None)).limit(BATCH)).all()
        if not lines:
            break
        total += len(lines)
        _seal(lines)
    return total


def _seal(lines: Sequence[Row[Any]]) -> None:
    previous = head() or ""
    made = AuditSeal(at=utcnow(), lines=len(lines), previous=previous, digest=digest(previous, lines))
    db.session.add(made)
    db.session.flush()
    idents = [line.id for line in lines]
    statement = update(AuditEvent).where(AuditEvent.id.in_(idents), AuditEvent.seal_id.is_(None))
    if execute(statement.values(seal_id=made.id).execution_options(synchronize_session=False)).rowcount != len(idents):
        raise RuntimeError("lines were sealed by another meanwhile")
    log.info("audit sealed", seal=made.id, lines=made.lines, digest=made.digest)


_COLUMNS = ("id", "at", "person_id", "organization_id", "concerns_id", "verb", "thing", "thing_id", "facts")
_LINES = select(*(getattr(AuditEvent, name) for name in _COLUMNS)).order_by(AuditEvent.id)


def digest(previous: str, lines: Iterable[Any]) -> str:
    """SHA-256 over the digest before and every line as canonical JSON, in the order of their ids."""
    found = hashlib.sha256(previous.encode())
    for line in lines:
        values = [line.id, line.at.isoformat(timespec="microseconds"), *(getattr(line, name) for name in _COLUMNS[2:])]
        found.update(b"\n" + json.dumps(values, sort_keys=True, separators=(",", ":")).encode())
    return found.hexdigest()


def clear(seal_ids: Sequence[int]) -> int:
    """Remove the lines of seals whose time is over; the seals stay, and the chain with them. Returns how many lines.

    The oldest first: `verify` takes a gap for a fault.
    """
    over = AuditSeal.at < utcnow() - LEAST_KEPT
    mine = (AuditSeal.id.in_(seal_ids), AuditSeal.cleared_at.is_(None), over)
    clearing = update(AuditSeal).where(*mine).values(cleared_at=utcnow())
    execute(clearing.execution_options(synchronize_session=False))
    cleared = select(AuditSeal.id).where(AuditSeal.id.in_(seal_ids), AuditSeal.cleared_at.is_not(None))
    gone = delete(AuditEvent).where(AuditEvent.seal_id.in_(cleared))
    return execute(gone.execution_options(synchronize_session=False)).rowcount


def head() -> str | None:
    """The newest digest: noted elsewhere, it proves the whole trail up to now. None before the first seal."""
    return db.session.scalar(select(AuditSeal.digest).order_by(AuditSeal.id.desc()).limit(1))


@dataclass(frozen=True)
class Fault:
    """Something in the trail that does not agree."""

    seal_id: int | None
    code: str
    """broken chain, missing lines, lines added, changed, backdated, cleared too soon, cleared out of turn, unknown seal,
    unknown head."""


def verify(noted: str | None = None) -> Iterator[Fault]:
    """Everything that does not agree, seal by seal, in the memory of one seal; `noted`: a head kept elsewhere."""
    previous, before, kept_one = "", None, False
    met = noted is None
    seals = db.session.execute(
        select(
            AuditSeal.id, AuditSeal.at, AuditSeal.lines, AuditSeal.previous, AuditSeal.digest, AuditSeal.cleared_at
        ).order_by(AuditSeal.id)
    ).all()
    for each in seals:
        if each.previous != previous:
            yield Fault(each.id, "broken chain")
        yield from _faults(each, before)
        if each.cleared_at is None:
            kept_one = True
        elif kept_one:
            yield Fault(each.id, "cleared out of turn")
        previous, before = each.digest, each.at
        met = met or each.digest == noted
    known = select(AuditSeal.id)
    stray = select(func.count()).where(AuditEvent.seal_id.is_not(None), AuditEvent.seal_id.not_in(known))
    if db.session.scalar(stray):
        yield Fault(None, "unknown seal")
    if not met:
        yield Fault(None, "unknown head")


def _faults(each: Row[Any], before: datetime | None) -> Iterator[Fault]:
    lines = run(_LINES.where(AuditEvent.seal_id == each.id)).all()
    if each.cleared_at is not None:
        if lines:
            yield Fault(each.id, "lines added")
        if each.cleared_at - each.at < LEAST_KEPT:
            yield Fault(each.id, "cleared too soon")
        if before is not None and each.at < before:
            yield Fault(each.id, "backdated")
        return
    if len(lines) != each.lines:
        yield Fault(each.id, "missing lines" if len(lines) < each.lines else "lines added")
    elif digest(each.previous, lines) != each.digest:
        yield Fault(each.id, "changed")
    if before is not None and any(line.at < before - BACKDATED for line in lines):
        yield Fault(each.id, "backdated")
