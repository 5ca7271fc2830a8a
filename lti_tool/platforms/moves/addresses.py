"""Addresses below a base: which of them follow when the base changes, wherever they are stored.

A base is what the addresses of an LMS begin with (`wwwroot` in Moodle), without a slash at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.db import db, execute
from lti_tool.platforms.models import Registration

REGISTERED = ("issuer", "auth_url", "token_url", "jwks_url", "token_audience")
"""Columns of a Registration."""


def base_of(url: str) -> str:
    return url.rstrip("/")


def moved(url: str, old: str, new: str) -> str:
    """The address below the new base; one that is not below the old base stays."""
    return new + url[len(old) :] if url == old or url.startswith((f"{old}/", f"{old}?")) else url


def moved_registration(registration: Registration, old: str, new: str) -> dict[str, str]:
    """The registration's own addresses after a move."""
    urls = {name: getattr(registration, name) for name in REGISTERED}
    return {name: moved(url, old, new) for name, url in urls.items() if url is not None}


@dataclass(frozen=True)
class Holder:
    """A column of a feature above that holds addresses of an LMS's services."""

    column: Any
    of: Callable[[int], ColumnElement[bool]]
    """The rows of one registration, by its id."""

    def below(self, registration_id: int, base: str) -> ColumnElement[bool]:
        """The rows whose address lies below the base; compared sign by sign, which LIKE does not do everywhere."""
        start = func.substr(self.column, 1, len(base) + 1) == f"{base}/"
        return self.of(registration_id) & start


_holders: list[Holder] = []


def holds_addresses(column: InstrumentedAttribute[Any], of: Callable[[int], ColumnElement[bool]]) -> None:
    """Have a feature's column follow when an LMS moves."""
    if all(known.column is not column for known in _holders):
        _holders.append(Holder(column, of))


def count_below(registration_id: int, base: str) -> int:
    """How many stored addresses lie below the base; one statement."""
    counts = [select(func.count()).where(each.below(registration_id, base)).scalar_subquery() for each in _holders]
    return sum(db.session.execute(select(*counts)).one()) if counts else 0


def rewrite(registration_id: int, old: str, new: str) -> int:
    """Let every stored address below the old base follow; one statement for each column. Returns how many did."""
    total = 0
    for each in _holders:
        following = literal(new) + func.substr(each.column, len(old) + 1)
        statement = update(each.column.class_).where(each.below(registration_id, old))
        values = statement.values({each.column.key: following})
        total += execute(values.execution_options(synchronize_session=False)).rowcount
    return total


_listeners: list[Callable[[int], object]] = []


def after_move(listener: Callable[[int], object]) -> None:
    """Have a feature told, with the registration's id, that its LMS answers at another address now."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_moved(registration_id: int) -> None:
    for listener in _listeners:
        listener(registration_id)
