"""Periods, and the rules that use them: which rows are over, and how they go. Every feature registers its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete

from lti_tool.core.db import Base, execute


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
    due: Callable[[datetime, int | None], Select[tuple[int]]]
    """Keys of the rows that are over, given the moment before which they are, and the organization (None: all)."""
    drop: Callable[[Sequence[int]], object]
    """Removes rows by their keys."""


_rules: list[Rule] = []


def keep(period: Period, due: Callable[..., Select[tuple[int]]], drop: Callable[[Sequence[int]], object]) -> None:
    """Add a rule. Those registered first are applied first: rows before those they point at."""
    if all(rule.due is not due for rule in _rules):
        _rules.append(Rule(period, due, drop))


def rules() -> Sequence[Rule]:
    return tuple(_rules)


def periods() -> Sequence[Period]:
    """Every period once, in the order in which they were named."""
    return tuple(dict.fromkeys(rule.period for rule in _rules))


def rows_of(model: type[Base]) -> Callable[[Sequence[int]], object]:
    """Drops rows of a table by their ids."""

    def drop(idents: Sequence[int]) -> object:
        statement = delete(model).where(model.id.in_(idents))  # type: ignore[attr-defined]  # every model here has one
        return execute(statement.execution_options(synchronize_session=False))

    return drop
