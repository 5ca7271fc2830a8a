"""What the features above saw of a registration lately: whether names came, when a roster was stored, a grade arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Evidence:
    """None: nothing was seen that would tell."""

    names: bool | None = None
    """Who launched last has a name here."""
    emails: bool | None = None
    """Who launched last has an e-mail address here."""
    groups: bool | None = None
    """A launch told groups of an LMS course."""
    chosen: bool | None = None
    """Content was chosen by deep linking."""
    rostered_at: datetime | None = None
    """When a list of participants was last stored."""
    delivered_at: datetime | None = None
    """When a grade last arrived in a gradebook."""


Witness = Callable[[int], Mapping[str, Any]]
_witnesses: list[Witness] = []


def hear(witness: Witness) -> None:
    """Have a feature above tell some fields of Evidence about a registration, by its id."""
    if witness not in _witnesses:
        _witnesses.append(witness)


def evidence_of(registration_id: int) -> Evidence:
    """All that is told; one statement for each feature."""
    told: dict[str, Any] = {}
    for witness in _witnesses:
        told.update(witness(registration_id))
    return Evidence(**told)
