"""Periods, and the rules that use them: which rows are over, and how they go. Every feature registers its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete

from lti_tool.core.db import Base, execute, table_of


@dataclass(frozen=True)
class Period:
    """How long one kind of data is kept."""

    name: str
    noun: Any
    """What is kept, in the plural."""
    counted: Any
    """From when the time is counted, as a sentence."""
    days: int
    """Until a hub chooses otherwise."""
    least: int
    most: int = 3650


@dataclass(frozen=True)
class Rule:
    """Rows of one table that go when a period is over."""

    period: Period
    table: str
    due: Callable[[datetime, int | None], Select[tuple[int]]]
    """Keys of the rows that are over, given the moment before which they are, and the organization (None: all)."""
    drop: Callable[[Sequence[int]], object]
    """Removes rows by their keys."""


_rules: dict[tuple[str, str], Rule] = {}


def keep(
    period: Period,
    model: type[Base],
    due: Callable[[datetime, int | None], Select[tuple[int]]],
    drop: Callable[[Sequence[int]], object] | None = None,
) -> None:
    """Let rows of a table go when a period is over; they are deleted unless `drop` does it in another way.

    Rules registered first are applied first: rows before those they point at.
    """
    _rules[period.name, model.__tablename__] = Rule(period, model.__tablename__, due, drop or _deleting(model))


def rules() -> Sequence[Rule]:
    return tuple(_rules.values())


def periods() -> Sequence[Period]:
    """Every period once, in the order in which they were named."""
    return tuple({rule.period.name: rule.period for rule in _rules.values()}.values())


def _deleting(model: type[Base]) -> Callable[[Sequence[int]], object]:
    def drop(idents: Sequence[int]) -> object:
        table = table_of(model)
        return execute(delete(table).where(table.c.id.in_(idents)))

    return drop
