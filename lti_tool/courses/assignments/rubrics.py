"""Rubrics: criteria, each with levels that have points and words; how the levels reached become points of the activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext as _

from lti_tool.core.errors import Invalid

MOST_CRITERIA, MOST_LEVELS = 20, 10
MOST_POINTS = 1000.0


@dataclass(frozen=True)
class Level:
    """How well a criterion may be met."""

    points: float
    text: str


@dataclass(frozen=True)
class Criterion:
    """What is looked at, with its levels from the lowest to the highest."""

    title: str
    levels: tuple[Level, ...]

    @property
    def most(self) -> float:
        return max(level.points for level in self.levels)


def read(criteria: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Criteria as a Rubric keeps them."""
    return tuple(
        Criterion(each["title"], tuple(Level(level["points"], level["text"]) for level in each["levels"]))
        for each in criteria
    )


def written(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """Criteria as a Rubric keeps them, each one's levels in order."""
    return [
        {
            "title": each.title,
            "levels": [asdict(level) for level in sorted(each.levels, key=lambda level: level.points)],
        }
        for each in criteria
    ]


def check(criteria: Sequence[Criterion]) -> None:
    """Raises Invalid for what cannot be graded by."""
    if not criteria:
        raise Invalid({"rubric": _("Write at least one criterion.")})
    if len(criteria) > MOST_CRITERIA:
        raise Invalid({"rubric": _("At most %(number)d criteria fit.", number=MOST_CRITERIA)})
    for each in criteria:
        _check_levels(each)
    if sum(each.most for each in criteria) <= 0:
        raise Invalid({"rubric": _("The best levels have to give some points.")})


def _check_levels(criterion: Criterion) -> None:
    if not 2 <= len(criterion.levels) <= MOST_LEVELS:
        said = _("“%(title)s” needs 2 to %(most)d levels.", title=criterion.title, most=MOST_LEVELS)
        raise Invalid({"rubric": said})
    if any(not 0 <= level.points <= MOST_POINTS for level in criterion.levels):
        said = _("Points of a level are a number from 0 to %(most)d.", most=int(MOST_POINTS))
        raise Invalid({"rubric": said})


def total(criteria: Sequence[Criterion]) -> float:
    """Points for the best level everywhere."""
    return float(sum(Decimal(str(each.most)) for each in criteria))


def reckon(criteria: Sequence[Criterion], levels: Sequence[int], maximum: float) -> float:
    """Points of the activity for the levels reached, to two decimals: the rubric's own, scaled to the activity's maximum.

    Raises Invalid when a criterion has no level, or none of its own.
    """
    if len(levels) != len(criteria):
        raise Invalid({"levels": _("Choose a level for every criterion.")})
    reached = Decimal(0)
    for each, level in zip(criteria, levels, strict=True):
        if not 0 <= level < len(each.levels):
            raise Invalid({"levels": _("Choose a level for every criterion.")})
        reached += Decimal(str(each.levels[level].points))
    scaled = reached * Decimal(str(maximum)) / Decimal(str(total(criteria)))
    return float(scaled.quantize(Decimal("0.01"), ROUND_HALF_UP))
