"""In which order a course's units and activities stand: a value that is moved about, and compared with what is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

T = tuple[int, ...]


@dataclass(frozen=True)
class Arrangement:
    """Units in order, each with its activities in order; the first is None: what stands before the first unit."""

    units: tuple[tuple[int | None, T], ...]

    @property
    def fingerprint(self) -> str:
        """A short name of exactly this order, for forms to say which one they were made from."""
        return hashlib.sha256(repr(self.units).encode()).hexdigest()[:16]

    @property
    def activity_ids(self) -> list[int]:
        return [each for _unit, activities in self.units for each in activities]

    def unit_of(self, activity_id: int) -> int | None:
        """Raises ValueError when the course has no such activity."""
        for unit, activities in self.units:
            if activity_id in activities:
                return unit
        raise ValueError(activity_id)

    def place_of(self, move: Move) -> dict[str, int | None]:
        """Where the moved thing stands: its unit, and what comes next there."""
        if move.activity_id is not None:
            unit = self.unit_of(move.activity_id)
            return {"unit": unit, "before": _next(dict(self.units)[unit], move.activity_id)}
        order = tuple(unit for unit, _inside in self.units if unit is not None)
        return {"unit": None, "before": _next(order, move.unit_id or 0)}

    def move_activity(self, activity_id: int, *, unit_id: int | None, before: int | None) -> Arrangement:
        """Put an activity before another one of the unit; at its end when `before` is None.

        Raises ValueError when the course has no such thing.
        """
        self.unit_of(activity_id)
        if unit_id not in [unit for unit, _activities in self.units]:
            raise ValueError(unit_id)
        if before == activity_id:
            return self
        return Arrangement(
            tuple(
                (
                    unit,
                    _insert(_without(activities, activity_id), activity_id, before)
                    if unit == unit_id
                    else _without(activities, activity_id),
                )
                for unit, activities in self.units
            )
        )

    def move_unit(self, unit_id: int, *, before: int | None) -> Arrangement:
        """Put a unit with all that is in it before another one; at the end when `before` is None. Raises ValueError."""
        contents = dict(self.units)
        order = tuple(unit for unit in contents if unit is not None)
        if unit_id not in order:
            raise ValueError(unit_id)
        if before == unit_id:
            return self
        moved = _insert(_without(order, unit_id), unit_id, before)
        return Arrangement(((None, contents[None]), *((unit, contents[unit]) for unit in moved)))

    def step_activity(self, activity_id: int, step: int) -> Arrangement:
        """One place up (-1) or down (+1); over the edge of a unit into the next one; at the ends nothing changes."""
        unit = self.unit_of(activity_id)
        place = [each for each, _inside in self.units].index(unit)
        activities = self.units[place][1]
        index = activities.index(activity_id) + step
        if 0 <= index < len(activities):
            following = (*activities, None)[index + 1] if step > 0 else activities[index]
            return self.move_activity(activity_id, unit_id=unit, before=following)
        if not 0 <= place + step < len(self.units):
            return self
        unit, activities = self.units[place + step]
        return self.move_activity(activity_id, unit_id=unit, before=next(iter(activities), None) if step > 0 else None)

    def step_unit(self, unit_id: int, step: int) -> Arrangement:
        """One place up or down; at the ends nothing changes."""
        order = [unit for unit, _inside in self.units if unit is not None]
        index = order.index(unit_id) + step
        if not 0 <= index < len(order):
            return self
        return self.move_unit(unit_id, before=[*order, None][index + 1] if step > 0 else order[index])


@dataclass(frozen=True)
class Move:
    """What a teacher moves, and where to."""

    activity_id: int | None = None
    unit_id: int | None = None
    """The unit that is moved, when it is no activity."""
    to_unit: int | None = None
    """Where the activity goes; None: before the first unit."""
    before: int | None = None
    """Before which activity, or which unit; None: to the end."""
    step: int = 0
    """-1 or 1: one place up or down instead."""

    def of(self, order: Arrangement) -> Arrangement:
        """The order afterwards. Raises ValueError when it names what is not there."""
        if self.activity_id is not None:
            if self.step:
                return order.step_activity(self.activity_id, self.step)
            return order.move_activity(self.activity_id, unit_id=self.to_unit, before=self.before)
        if self.unit_id is None:
            raise ValueError(self)
        if self.step:
            return order.step_unit(self.unit_id, self.step)
        return order.move_unit(self.unit_id, before=self.before)


def _next(ids: T, one: int) -> int | None:
    return next(iter(ids[ids.index(one) + 1 :]), None)


def _without(ids: T, gone: int) -> T:
    return tuple(each for each in ids if each != gone)


def _insert(ids: T, new: int, before: int | None) -> T:
    if before is None:
        return (*ids, new)
    index = ids.index(before)
    return (*ids[:index], new, *ids[index:])


def holds_up(chain: Iterable[tuple[int, int | None]], activity_id: int, after_id: int | None) -> bool:
    """Would `activity_id` wait for itself if it came after `after_id`? `chain`: each activity with what it comes after."""
    links = dict(chain)
    links[activity_id] = after_id
    seen: set[int] = set()
    current: int | None = activity_id
    while current is not None and current not in seen:
        seen.add(current)
        current = links.get(current)
    return current is not None
