"""Who gets a place: the arithmetic of quotas, reserve and line, without a database.

Each class *uses* the seats it holds by an accepted request, or those of its pupils who have a place, whichever is more.
What an organization's classes use beyond its quota comes out of the common reserve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Class:
    """A class that takes part."""

    id: int
    organization_id: int
    seats: int | None = None
    """What was accepted: never more of its pupils have a place; None: no limit of its own."""
    held: int = 0
    """Of these, kept free for it."""


@dataclass(frozen=True)
class Rules:
    """What a course has room for."""

    quotas: Mapping[int, int] = field(default_factory=dict)
    reserve: int = 0
    limits: Mapping[int, int] = field(default_factory=dict)
    """By organization: the most places it may have in this course under its agreements; absent: no such limit."""
    open: bool = True
    """The add deadline is not over."""


class Allotment:
    """The seats of one course while they are given out."""

    def __init__(self, rules: Rules, classes: Iterable[Class], seated: Mapping[int, int]) -> None:
        self.rules = rules
        self.classes = {one.id: one for one in classes}
        self.seated = defaultdict(int, seated)
        """Pupils with a place, by class."""

    def used(self) -> dict[int, int]:
        """Seats in use or kept free, by organization."""
        found: dict[int, int] = defaultdict(int)
        for one in self.classes.values():
            found[one.organization_id] += self.used_by(one.id)
        return found

    def used_by(self, class_id: int | None) -> int:
        """Seats in use or kept free, of one class."""
        one = self.classes.get(class_id) if class_id is not None else None
        return max(one.held, self.seated[one.id]) if one else 0

    def free(self, organization_id: int) -> int:
        """Seats the organization could have beside those it uses."""
        used, quotas = self.used(), self.rules.quotas
        beyond = sum(max(0, count - quotas.get(each, 0)) for each, count in used.items())
        own = max(0, quotas.get(organization_id, 0) - used.get(organization_id, 0))
        room = own + max(0, self.rules.reserve - beyond)
        limit = self.rules.limits.get(organization_id)
        return room if limit is None else max(0, min(room, limit - used.get(organization_id, 0)))

    def fits(self, class_id: int) -> bool:
        """Is there a place for one more pupil of this class?"""
        one = self.classes[class_id]
        taken = self.seated[class_id]
        if one.seats is not None and taken >= one.seats:
            return False
        if taken < one.held:
            limit = self.rules.limits.get(one.organization_id)
            return limit is None or self._pupils_of(one.organization_id) < limit
        return self.free(one.organization_id) > 0

    def _pupils_of(self, organization_id: int) -> int:
        return sum(self.seated[one.id] for one in self.classes.values() if one.organization_id == organization_id)

    def move_up(self, line: Sequence[tuple[int, int]]) -> list[int]:
        """Give places along the line of (pupil, class); returns who got one. Nobody overtakes within a class."""
        if not self.rules.open:
            return []
        lucky, full = [], set()
        for pupil, class_id in line:
            if class_id in full or class_id not in self.classes:
                continue
            if self.fits(class_id):
                self.seated[class_id] += 1
                lucky.append(pupil)
            else:
                full.add(class_id)  # room only shrinks along the line
        return lucky
