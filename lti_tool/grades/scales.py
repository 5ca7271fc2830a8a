"""Scales: how points given here become the value in a school's gradebook.

A *scale* is what host and partner agree on in a scale treaty: points as they are, percent, the Russian five-point marks,
or passed and not passed. Thresholds are shares of the maximum in percent and belong to the better mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from flask_babel import gettext as _

from lti_tool.core.errors import Invalid

POINTS, PERCENT, FIVE, PASS_FAIL = "points", "percent", "five", "pass_fail"
KINDS = (POINTS, PERCENT, FIVE, PASS_FAIL)
EXACT, TENTH, WHOLE, DOWN = "exact", "tenth", "whole", "down"
ROUNDINGS = (EXACT, TENTH, WHOLE, DOWN)
"""As it is, half up to one decimal, half up to whole numbers, down to whole numbers."""
BEST_MARK = 5
LOWEST_MARKS = (1, 2)
_STEPS = {TENTH: (Decimal("0.1"), ROUND_HALF_UP), WHOLE: (Decimal(1), ROUND_HALF_UP), DOWN: (Decimal(1), ROUND_DOWN)}


@dataclass(frozen=True)
class Scale:
    """A scale with its details; raises Invalid when they make no sense."""

    kind: str = POINTS
    thresholds: tuple[Decimal, ...] = ()
    """Percent from which the next better mark is given, rising: one for each mark above the lowest; none for the
    first two kinds."""
    lowest: int = 2
    """Of the five-point marks."""
    rounding: str = EXACT
    """Of points and percent."""

    def __post_init__(self) -> None:
        faults: dict[str, str] = {}
        if self.kind not in KINDS:
            faults["kind"] = _("Choose one of the scales.")
        if self.rounding not in ROUNDINGS:
            faults["rounding"] = _("Choose how to round.")
        if self.lowest not in LOWEST_MARKS:
            faults["lowest"] = _("The lowest mark is 1 or 2.")
        if len(self.thresholds) != self._thresholds_wanted() or not _rises(self.thresholds):
            faults["thresholds"] = _("Thresholds rise from mark to mark, above 0 and up to 100 percent.")
        if faults:
            raise Invalid(faults)

    def convert(self, points: float, maximum: float) -> tuple[float, float]:
        """(value, its maximum) for the gradebook; never less for more points, and the best for all of them."""
        given, most = _decimal(points), _decimal(maximum)
        if self.kind == POINTS:
            return float(min(self._rounded(given), most)), self.maximum(maximum)
        percent = given * 100 / most
        if self.kind == PERCENT:
            return float(min(self._rounded(percent), Decimal(100))), self.maximum(maximum)
        reached = sum(percent >= threshold for threshold in self.thresholds)
        return float(self.lowest + reached if self.kind == FIVE else reached), self.maximum(maximum)

    def maximum(self, points: float) -> float:
        """What the values for an activity of so many points are out of."""
        return {PERCENT: 100.0, FIVE: float(BEST_MARK), PASS_FAIL: 1.0}.get(self.kind, points)

    def _thresholds_wanted(self) -> int:
        return {FIVE: BEST_MARK - self.lowest, PASS_FAIL: 1}.get(self.kind, 0)

    def _rounded(self, value: Decimal) -> Decimal:
        if self.rounding == EXACT:
            return value
        step, how = _STEPS[self.rounding]
        return value.quantize(step, how)


def _decimal(value: float) -> Decimal:
    """The number as people write it: 0.285, not the binary fraction beside it."""
    return Decimal(str(value))


def _rises(thresholds: Sequence[Decimal]) -> bool:
    edges = (Decimal(0), *thresholds)
    return all(a < b <= 100 for a, b in zip(edges, thresholds, strict=False))
