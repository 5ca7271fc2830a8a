"""Which attempts count, and what they make of the activity's points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lti_tool.courses.quizzes.models import AVERAGE, BEST, FIRST


class Tried(NamedTuple):
    """A finished attempt."""

    number: int
    points: float | None
    """None: something in it waits for a person."""
    maximum: float


def reckoned(attempts: Sequence[Tried], counts: str) -> float | None:
    """The share 0 to 1 that counts; None while it is not known.

    `best` looks at what is marked already; the others wait until a person has marked what counts for them.
    """
    ordered = sorted(attempts)
    shares = [share_of(each) for each in ordered]
    if not shares:
        return None
    if counts == BEST:
        return max((share for share in shares if share is not None), default=None)
    if counts == AVERAGE:
        known = [share for share in shares if share is not None]
        return sum(known) / len(known) if len(known) == len(shares) else None
    return shares[0 if counts == FIRST else -1]


def share_of(attempt: Tried) -> float | None:
    """What of its maximum it brought."""
    if attempt.points is None:
        return None
    return min(1.0, max(0.0, attempt.points / attempt.maximum)) if attempt.maximum else 0.0


def grade_points(share: float, maximum: float) -> float:
    """The activity's points for a share, with two decimals as gradebooks keep them."""
    return round(share * maximum, 2)
