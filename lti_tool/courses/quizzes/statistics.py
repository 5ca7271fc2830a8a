"""What the answers say about the questions: how easy each is, and whether it tells the strong from the weak.

Reckoned over numbers alone: no pupil is named or can be found again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

ENOUGH = 5
"""Answers below which no figure is shown for telling apart: it would be chance."""


class Answered(NamedTuple):
    """One marked answer."""

    question: int
    attempt: int
    fraction: float
    points: float
    """What the whole attempt brought, as a share 0 to 1."""
    weight: float
    """The question's part of the attempt's maximum, 0 to 1."""


@dataclass(frozen=True)
class Figures:
    """One question in numbers."""

    question: int
    count: int
    facility: float
    """Mean share of the points, 0 to 1: how easy it is."""
    spread: float
    """Standard deviation of it."""
    discrimination: float | None
    """Correlation with the rest of the attempt, −1 to 1; None: too few answers, or all alike."""

    @property
    def warning(self) -> str:
        """`easy`, `hard`, `backwards`, `blunt` or nothing."""
        if self.discrimination is not None and self.discrimination < 0:
            return "backwards"
        if self.count >= ENOUGH and self.facility >= 0.95:
            return "easy"
        if self.count >= ENOUGH and self.facility <= 0.2:
            return "hard"
        return "blunt" if self.discrimination is not None and self.discrimination < 0.15 else ""


@dataclass
class _Sums:
    fractions: list[float] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)


def figures(answers: Iterable[Answered]) -> dict[int, Figures]:
    """The figures of every question, by its number."""
    sums: dict[int, _Sums] = {}
    for answer in answers:
        own = sums.setdefault(answer.question, _Sums())
        own.fractions.append(answer.fraction)
        own.rests.append(answer.points - answer.fraction * answer.weight)
    return {number: _figures(number, own.fractions, own.rests) for number, own in sums.items()}


def _figures(number: int, fractions: Sequence[float], rests: Sequence[float]) -> Figures:
    mean = sum(fractions) / len(fractions)
    spread = sqrt(max(0.0, sum((each - mean) ** 2 for each in fractions) / len(fractions)))
    telling = correlation(fractions, rests) if len(fractions) >= ENOUGH else None
    return Figures(number, len(fractions), min(1.0, max(0.0, mean)), spread, telling)


def correlation(ones: Sequence[float], others: Sequence[float]) -> float | None:
    """Pearson's; None when either side is always the same."""
    count = len(ones)
    mean, other_mean = sum(ones) / count, sum(others) / count
    varied = sum((each - mean) ** 2 for each in ones)
    other_varied = sum((each - other_mean) ** 2 for each in others)
    if varied < 1e-12 or other_varied < 1e-12:
        return None
    together = sum((one - mean) * (other - other_mean) for one, other in zip(ones, others, strict=True))
    return max(-1.0, min(1.0, together / sqrt(varied * other_varied)))


def histogram(shares: Iterable[float], steps: int = 10) -> list[int]:
    """How many shares of 0 to 1 fall into each of equal steps; 1 belongs to the last."""
    counts = [0] * steps
    for share in shares:
        counts[min(steps - 1, max(0, int(share * steps + 1e-9)))] += 1
    return counts
