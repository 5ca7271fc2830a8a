"""What differs between a gradebook and our scores: plain values in, plain values out.

A *result* is what stands in the gradebook for one person (AGS 2.0, section 3.3); ours is the score delivered last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lti_tool.grades.models import DELIVERED, SUPERSEDED
from lti_tool.grades.reconciliation.models import CHANGED, MISSING, UNKNOWN
from lti_tool.lti.services import Result

ROUNDING = 0.001
"""Points by which a grade may be off on either scale: far below the hundredths a gradebook shows, far above what
rescaling to five decimals loses (Moodle)."""
DEFAULT_MAXIMUM = 1.0
"""Of a result that names none (AGS 2.0, section 3.3)."""


@dataclass(frozen=True)
class Ours:
    """A score of ours, as far as a comparison needs it."""

    identity_id: int
    given: float
    maximum: float
    state: str
    delivered_at: datetime | None
    active: bool
    """The person still belongs to the context."""

    def settled(self, before: datetime) -> bool:
        """It was on its final place when the gradebook was read; one on its way says nothing about that."""
        if self.state == DELIVERED:
            return self.delivered_at is not None and self.delivered_at < before
        return self.state == SUPERSEDED


@dataclass(frozen=True)
class Finding:
    """A difference; the fields are those of the Difference."""

    kind: str
    identity_id: int | None
    their_score: float | None = None
    their_maximum: float | None = None
    our_score: float | None = None
    our_maximum: float | None = None


def fraction(score: float, maximum: float) -> float:
    """A score's share of its maximum; gradebooks show no more than the whole."""
    return min(max(score / maximum, 0.0), 1.0)


def agree(their_score: float, their_maximum: float, our_score: float, our_maximum: float) -> bool:
    """Is it the same grade on two scales, but for rounding? Maxima are above zero."""
    tolerance = ROUNDING / their_maximum + ROUNDING / our_maximum
    return abs(fraction(their_score, their_maximum) - fraction(our_score, our_maximum)) <= tolerance


def shown(result: Result) -> tuple[float, float] | None:
    """(score, maximum) that stand in the gradebook; None for an empty cell."""
    if result.score is None or not math.isfinite(result.score):
        return None
    maximum = result.maximum
    if maximum is None or not math.isfinite(maximum) or maximum <= 0:
        maximum = DEFAULT_MAXIMUM
    return result.score, maximum


def compare(
    results: Iterable[Result], ours: Mapping[str, Ours], members: Mapping[str, int], read_at: datetime
) -> dict[str, Finding]:
    """Differences by LMS user id. `ours` by user id, `members`: identity ids by user id of this context's people.

    Scores that were on their way at `read_at` are passed over: the next comparison sees them.
    """
    theirs = {result.user_id: cell for result in results if result.user_id and (cell := shown(result)) is not None}
    found: dict[str, Finding] = {}
    for user_id, score in ours.items():
        if score.settled(read_at):
            finding = _about(score, theirs.get(user_id))
            if finding is not None:
                found[user_id] = finding
    for user_id, cell in theirs.items():
        if user_id not in ours:
            found[user_id] = Finding(UNKNOWN, members.get(user_id), *cell)
    return found


def _about(score: Ours, cell: tuple[float, float] | None) -> Finding | None:
    if cell is None:
        # who has left the LMS course has no cell there: nothing to decide
        return Finding(MISSING, score.identity_id, None, None, score.given, score.maximum) if score.active else None
    if score.maximum <= 0 or agree(*cell, score.given, score.maximum):
        return None
    return Finding(CHANGED, score.identity_id, *cell, score.given, score.maximum)
