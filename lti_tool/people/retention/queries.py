"""Reads about retention: the periods in force, and how much is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from lti_tool.core.db import db, utcnow
from lti_tool.people.retention.models import ChosenPeriod
from lti_tool.people.retention.registry import Period, Rule, periods, rules


@dataclass(frozen=True)
class Over:
    """A period in force, and how many rows are over by it now."""

    period: Period
    days: int
    count: int


def days_in_force() -> dict[str, int]:
    """Days by the name of the period; one statement."""
    chosen = dict(db.session.execute(select(ChosenPeriod.name, ChosenPeriod.days)).tuples().all())
    return {each.name: min(max(chosen.get(each.name, each.days), each.least), each.most) for each in periods()}


def due(rule: Rule, days: int, organization_id: int | None = None, limit: int | None = None) -> list[int]:
    """Keys of rows that are over."""
    statement = rule.due(utcnow() - timedelta(days=days), organization_id).limit(limit)
    return list(db.session.scalars(statement))


def overdue_rows() -> Iterator[tuple[Rule, int]]:
    """Every row that would go now: its rule and its key; one statement for each rule."""
    days = days_in_force()
    return ((rule, ident) for rule in rules() for ident in due(rule, days[rule.period.name]))


def overdue(organization_id: int | None = None) -> list[Over]:
    """What would go now, period by period; one statement for each rule."""
    days, now = days_in_force(), utcnow()
    counts: dict[str, int] = dict.fromkeys(days, 0)
    for rule in rules():
        found = rule.due(now - timedelta(days=days[rule.period.name]), organization_id).order_by(None).subquery()
        counts[rule.period.name] += db.session.scalar(select(func.count()).select_from(found)) or 0
    return [Over(each, days[each.name], counts[each.name]) for each in periods()]
