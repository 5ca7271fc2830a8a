"""The kinds of notices. A feature registers each with its words and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class NoticeKind:
    """One kind."""

    name: str
    icon: str
    words: Callable[[Facts, int], str]
    """A sentence in the language of whoever reads it, from the facts and the number of things."""
    address: Callable[[Facts], str]
    """The path it leads to."""


_kinds: dict[str, NoticeKind] = {}


def register(*kinds: NoticeKind) -> None:
    """Make kinds known."""
    _kinds.update({kind.name: kind for kind in kinds})


def kind_named(name: str) -> NoticeKind:
    """The kind. Raises KeyError when no feature has it."""
    return _kinds[name]


def kind_names() -> tuple[str, ...]:
    """Those that are known: a notice of another kind is left over from a feature that is gone, and not shown."""
    return tuple(_kinds)
