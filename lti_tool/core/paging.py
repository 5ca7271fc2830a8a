"""Long lists in pages, counted by the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select

from lti_tool.core.db import db

SIZE = 25
"""Rows of one page."""
LAST = 100_000
"""No list is longer in pages: a larger number in an address is a slip or a probe."""
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; numbers begin at 1."""

    items: Sequence[T]
    number: int
    total: int
    """Rows of the whole list."""
    address: Callable[[int], str]
    """The path of the page with this number."""
    size: int = SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    def url(self, number: int) -> str:
        return self.address(number)


def paged(statement: Select[tuple[T]], number: int, address: Callable[[int], str], *, size: int = SIZE) -> Page[T]:
    """The rows of page `number` of an ordered selection of one entity; the nearest page when there is none such."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    last = max(1, -(-total // size))
    number = min(max(number, 1), last, LAST)
    items = db.session.scalars(statement.limit(size).offset((number - 1) * size)).unique().all()
    return Page(items, number, total, address, size)
