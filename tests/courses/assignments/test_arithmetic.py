"""What being late costs, what a rubric comes to, and how commented texts are cut: whatever the figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.courses.assignments.lateness import days_begun, deduction
from lti_tool.courses.assignments.passages import pieces
from lti_tool.courses.assignments.rubrics import Criterion, Level, read, reckon, total, written

DUE = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
POINTS = st.decimals(0, 1000, places=2).map(float)
PERCENT = st.decimals(0, 100, places=2).map(float)


def test_a_day_begun_is_a_day() -> None:
    seconds = {-1: 0, 0: 0, 1: 1, 86_400: 1, 86_401: 2, 10 * 86_400: 10}
    assert {late: days_begun(DUE + timedelta(seconds=late), DUE) for late in seconds} == seconds
    assert days_begun(None, DUE) == days_begun(DUE, None) == 0
    assert deduction(8.0, 3, per_day=10, most=50).points == 2.4
    assert deduction(8.0, 30, per_day=10, most=50).points == 4.0
    assert deduction(0.05, 1, per_day=10, most=50).points == 0.01, "half a hundredth is rounded up"


@given(POINTS, st.integers(0, 400), PERCENT, PERCENT)
def test_never_more_than_there_is_and_never_less_for_waiting(
    points: float, days: int, per_day: float, most: float
) -> None:
    taken = deduction(points, days, per_day=per_day, most=most)
    assert 0 <= taken.points <= points
    assert taken.points <= points * most / 100 + 0.005
    assert deduction(points, days + 1, per_day=per_day, most=most).points >= taken.points
    assert (taken.points == 0) or days > 0


LEVELS = st.lists(st.builds(Level, POINTS, st.text(max_size=5)), min_size=2, max_size=5)
CRITERIA = st.lists(st.builds(Criterion, st.text(max_size=5), LEVELS.map(tuple)), min_size=1, max_size=6)


@given(CRITERIA.filter(lambda each: total(each) > 0), st.floats(0.5, 1000), st.data())
def test_a_rubric_ends_between_nothing_and_everything(
    criteria: list[Criterion], maximum: float, data: st.DataObject
) -> None:
    kept = read(written(criteria))
    assert total(kept) == total(criteria)
    best = [len(each.levels) - 1 for each in kept]
    assert abs(reckon(kept, best, maximum) - maximum) <= 0.005
    some = [data.draw(st.integers(0, most)) for most in best]
    reached = reckon(kept, some, maximum)
    assert 0 <= reached <= maximum + 0.005
    row = data.draw(st.integers(0, len(kept) - 1))
    higher = [*some[:row], best[row], *some[row + 1 :]]
    assert reckon(kept, higher, maximum) >= reached


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=5))
def test_no_character_is_lost_or_doubled(text: str, passages: list[tuple[int, int]]) -> None:
    found = pieces(text, passages)
    assert "".join(piece.text for piece in found) == text
    for number, (start, stop) in enumerate(passages, 1):
        about = "".join(piece.text for piece in found if number in piece.about)
        assert about == text[max(0, start) : max(0, stop)] or stop <= start
