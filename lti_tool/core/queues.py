"""How background work gets on: queues, workers and periodic duties, as people and programs read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal, select, union_all

from lti_tool.core.db import db, utcnow
from lti_tool.core.jobs import HEARTBEAT_OLD, Heartbeat, Periodic, duty_intervals, is_due, sweeps

COUNTED = 10_000
"""Rows of a backlog that are counted; more is more than enough to worry."""


def outbox_status() -> list[dict[str, Any]]:
    """Rows of every kind by state: kind, state, count, and since when the oldest is due."""
    rows: list[dict[str, Any]] = []
    for known in sweeps():
        model = known.model
        statement = select(model.state, func.count(), func.min(model.due_at)).group_by(model.state)
        for state, count, oldest in db.session.execute(statement.order_by(model.state)):
            rows.append({"kind": model.__tablename__, "state": state, "count": count, "oldest_due": oldest})
    return rows


@dataclass(frozen=True)
class Backlog:
    """Rows of one kind that are due and not done."""

    kind: str
    due: int
    """At most COUNTED."""
    oldest: datetime | None
    """Since when the oldest is due."""


def backlogs() -> list[Backlog]:
    """What is due of every kind whose rows are swept one by one; one statement, and no more than COUNTED rows each."""
    now, parts = utcnow(), []
    for known in sweeps():
        if known.one_by_one:
            due = select(known.model.due_at).where(is_due(known.model, now)).limit(COUNTED).subquery()
            counted = select(literal(known.model.__tablename__), func.count(), func.min(due.c.due_at))
            parts.append(counted.select_from(due))
    return [Backlog(*row) for row in db.session.execute(union_all(*parts))] if parts else []


def workers(limit: int = 50) -> list[tuple[str, datetime, bool]]:
    """(name, last heartbeat, whether it lives) of the processes that worked within a day, the newest first."""
    newest = select(Heartbeat.worker, Heartbeat.at).order_by(Heartbeat.at.desc()).limit(limit)
    now = utcnow()
    return [(name, at, now - at < HEARTBEAT_OLD) for name, at in db.session.execute(newest)]


@dataclass(frozen=True)
class Duty:
    """A periodic duty, and how it went last."""

    name: str
    every: timedelta
    ran_at: datetime | None
    error: str | None


def duties() -> list[Duty]:
    """Every periodic duty; one statement."""
    noted = {each.name: each for each in db.session.scalars(select(Periodic))}
    found = []
    for name, interval in sorted(duty_intervals().items()):
        note = noted.get(name)
        found.append(Duty(name, interval, note.ran_at if note else None, note.error if note else None))
    return found
