"""What being late costs: figures only, nothing stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deduction:
    """Points taken off, and for how many days begun."""

    days: int = 0
    percent: Decimal = Decimal(0)
    points: float = 0.0


def days_begun(handed_in_at: datetime | None, due_at: datetime | None) -> int:
    """Days after the due date that have begun when the work came; 0 when it was in time or there is no date."""
    if handed_in_at is None or due_at is None or handed_in_at <= due_at:
        return 0
    return -(-(handed_in_at - due_at) // DAY)


def deduction(points: float, days: int, *, per_day: float, most: float) -> Deduction:
    """Take `per_day` percent of the points for each day, at most `most` percent; to two decimals."""
    percent = min(Decimal(str(per_day)) * days, Decimal(str(most)), Decimal(100))
    if percent <= 0:
        return Deduction()
    taken = (Decimal(str(points)) * percent / 100).quantize(CENT, ROUND_HALF_UP)
    return Deduction(days, percent, float(taken))
