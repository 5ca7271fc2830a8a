"""Columns that name an organization, and what becomes of each when two entries of one organization are merged.

Every feature registers its own; a test fails while a column of the database has no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, delete, func, literal, select, union_all, update
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.db import Base, db, execute, table_of

Settle = Callable[[int, int], None]
"""Removes what both have and only one may have, before the rows of the first move to the second."""


@dataclass(frozen=True)
class Pointer:
    """One column and its rule."""

    table: Table
    column: str
    noun: Any = None
    """What its rows are, in the plural, when people compare two organizations; None: not shown."""
    settle: Settle | None = None
    moves: bool = True
    """False: it tells what was so at the time, and stays."""


_pointers: dict[tuple[str, str], Pointer] = {}


def moves(column: InstrumentedAttribute[Any], noun: Any = None, *, settle: Settle | None = None) -> None:
    """Rows with this column follow the organization that stays."""
    _add(column, noun=noun, settle=settle)


def stays(column: InstrumentedAttribute[Any], *, settle: Settle | None = None) -> None:
    """The column is history and keeps the number it has; `settle` may raise Conflict."""
    _add(column, moves=False, settle=settle)


def _add(column: InstrumentedAttribute[Any], **rule: Any) -> None:
    table = _table(column)
    _pointers[table.name, column.key] = Pointer(table, column.key, **rule)


def _table(column: InstrumentedAttribute[Any]) -> Table:
    return table_of(cast("type[Base]", column.class_))


def pointers() -> Sequence[Pointer]:
    return tuple(_pointers.values())


def one_for_each(column: InstrumentedAttribute[Any], *others: InstrumentedAttribute[Any]) -> Settle:
    """A rule for rows that are unique by the organization and `others`: the row of the one that stays is kept."""

    def settle(source: int, target: int) -> None:
        table = _table(column)
        twin = table.alias()
        same = [table.c[each.key] == twin.c[each.key] for each in others]
        there = select(twin.c[column.key]).where(twin.c[column.key] == target, *same)
        execute(delete(table).where(table.c[column.key] == source, there.correlate(table).exists()))

    return settle


def repoint(source: int, target: int) -> dict[str, int]:
    """Let everything that names `source` name `target`; how many rows moved, by table."""
    moved: dict[str, int] = {}
    for each in _pointers.values():  # all before anything moves: a rule may look at other tables
        if each.settle is not None:
            each.settle(source, target)
    followers = [each for each in _pointers.values() if each.moves]
    for each in followers:
        column = each.table.c[each.column]
        count = execute(update(each.table).where(column == source).values({each.column: target})).rowcount
        if count:
            moved[each.table.name] = moved.get(each.table.name, 0) + count
    db.session.expire_all()
    return moved


def belongings(*organization_ids: int) -> list[tuple[Any, list[int]]]:
    """(noun, how many of them each organization has) for every noun; one statement."""
    shown = [each for each in _pointers.values() if each.noun is not None]
    parts = []
    for index, each in enumerate(shown):
        column = each.table.c[each.column]
        counted = select(literal(index), column, func.count()).where(column.in_(organization_ids))
        parts.append(counted.group_by(column))
    if not parts:
        return []
    found = {(index, owner): count for index, owner, count in db.session.execute(union_all(*parts))}
    return [
        (each.noun, [found.get((index, owner), 0) for owner in organization_ids]) for index, each in enumerate(shown)
    ]
