"""Columns that name a person, what each row tells of them, and what becomes of it when the person is erased.

Every feature registers its own; a test fails while a column of the database has no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, delete, func, literal, select, union_all, update
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.db import Base, db, execute, run, table_of
from lti_tool.core.discarding import discard

ERASED, EMPTIED, KEPT = "erased", "emptied", "kept"
"""The row goes; the row stays without what could name the person or was written by or to them; the row stays as it is
and names a number behind which nobody is."""


@dataclass(frozen=True)
class Subject:
    """Whom it is about: a person, or only what one organization holds of them."""

    person_id: int
    identity_ids: Sequence[int]
    guest_ids: Sequence[int]
    organization_id: int | None = None
    """None: everything, whichever organization's."""


@dataclass(frozen=True)
class Belonging:
    """One column and its rule."""

    table: Table
    column: str
    noun: Any
    """What its rows are, in the plural."""
    fate: str
    """ERASED, EMPTIED or KEPT."""
    why: Any
    """Why it is kept or emptied; empty for what is erased."""
    told: Select[Any] | None = None
    """What a copy tells of the rows; None: only how many there are, as they are about others as well."""
    words: Mapping[str, Any] = field(default_factory=dict)
    """What the columns of `told` are called."""
    emptied: Mapping[str, Any] = field(default_factory=dict)
    """Values of an EMPTIED row."""
    erase: Callable[[Subject], object] | None = None
    """Does it in another way than by deleting or emptying the rows."""
    file_key: str = ""
    """Column with the key of a stored file; `told` has it as `file_key`, and the file's name as `name`."""
    where: Callable[[Subject], ColumnElement[bool]] | None = None
    """Finds the rows, where the column alone does not."""
    said: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """How values of `told` are said to people, by column."""

    def rows(self, subject: Subject) -> ColumnElement[bool]:
        """SQL: the rows about this person."""
        if self.where is not None:
            return self.where(subject)
        own = self._named(subject)
        if subject.organization_id is None or "organization_id" not in self.table.c:
            return own
        return own & (self.table.c.organization_id == subject.organization_id)

    def is_read_for(self, subject: Subject) -> bool:
        """Whether a copy tells what the rows say: rows that name a person and no organization may come from another
        school the person works at, so only the person reads them."""
        anywhere = self.where is None and "organization_id" not in self.table.c and self._target() == "person"
        return subject.organization_id is None or not anywhere

    def _target(self) -> str:
        keys = self.table.c[self.column].foreign_keys
        return next((key.column.table.name for key in keys), "person")  # without a key: a bare number

    def _named(self, subject: Subject) -> ColumnElement[bool]:
        column, target = self.table.c[self.column], self._target()
        if target == "person":
            return column == subject.person_id
        if target == "identity":
            return column.in_(subject.identity_ids)
        if target == "guest":
            return column.in_(subject.guest_ids)
        owner = next(each for each in _belongings.values() if each.table.name == target)
        return column.in_(select(owner.table.c.id).where(owner.rows(subject)))


_belongings: dict[tuple[str, str], Belonging] = {}


def holds(column: InstrumentedAttribute[Any], noun: Any, *, fate: str = ERASED, why: Any = "", **rule: Any) -> None:
    """Rows with this column are about the person. Register rows before those they point at."""
    _add(column, noun=noun, fate=fate, why=why, **rule)


def mentions(column: InstrumentedAttribute[Any], noun: Any, why: Any) -> None:
    """Rows that tell what the person did to things of others: they keep the number, and a copy only counts them."""
    _add(column, noun=noun, fate=KEPT, why=why)


def _add(column: InstrumentedAttribute[Any], **rule: Any) -> None:
    table = table_of(cast("type[Base]", column.class_))
    _belongings[table.name, column.key] = Belonging(table, column.key, **rule)


def belongings() -> Sequence[Belonging]:
    return tuple(_belongings.values())


_READ = {"identity": 0, "guest": 0, "person": 0, "audit_event": 2}
"""What is read first and last."""


def counts(subject: Subject) -> dict[tuple[str, str], int]:
    """How many rows there are about a person, by table and column; one statement."""
    parts = [
        select(literal(index), func.count()).select_from(each.table).where(each.rows(subject))
        for index, each in enumerate(belongings())
    ]
    found = dict(db.session.execute(union_all(*parts)).tuples().all())
    return {(each.table.name, each.column): found[index] for index, each in enumerate(belongings())}


def tell(subject: Subject, limit: int | None = None) -> Iterator[tuple[Belonging, list[dict[str, Any]]]]:
    """What is kept about a person, table by table: who they are first, the trail last, the newest rows first; one statement
    for each that tells rows."""
    for each in sorted(belongings(), key=lambda one: _READ.get(one.table.name, 1)):
        if each.told is not None and each.is_read_for(subject):
            statement = each.told.where(each.rows(subject)).order_by(each.table.primary_key.columns[0].desc())
            yield each, [dict(row._mapping) for row in db.session.execute(statement.limit(limit))]


def erase_rows(subject: Subject) -> dict[str, int]:
    """Erase or empty everything about a person; how many rows of which table. Files go from the storage afterwards."""
    done: dict[str, int] = {}
    for each in belongings():
        if each.fate == KEPT:
            continue
        if each.file_key:
            keys = select(each.table.c[each.file_key]).where(each.rows(subject), each.table.c[each.file_key] != "")
            discard(run(keys).scalars().all())
        if each.erase is not None:
            each.erase(subject)
            continue
        statement: Any = delete(each.table) if each.fate == ERASED else update(each.table).values(**each.emptied)
        count = execute(statement.where(each.rows(subject))).rowcount
        if count:
            done[each.table.name] = done.get(each.table.name, 0) + count
    db.session.expire_all()
    return done
