"""What points become in a school's gradebook."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.errors import Invalid
from lti_tool.grades.scales import BEST_MARK, FIVE, KINDS, PASS_FAIL, PERCENT, POINTS, ROUNDINGS, Scale

USUAL = tuple(map(Decimal, (50, 70, 86)))
MAXIMUM = st.sampled_from([1.0, 5.0, 7.5, 10.0, 20.0, 33.0, 100.0])


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    kind = draw(st.sampled_from(KINDS))
    lowest = draw(st.sampled_from([1, 2]))
    wanted = {FIVE: BEST_MARK - lowest, PASS_FAIL: 1}.get(kind, 0)
    edges = draw(st.lists(st.integers(1, 100), min_size=wanted, max_size=wanted, unique=True))
    return Scale(kind, tuple(map(Decimal, sorted(edges))), lowest, draw(st.sampled_from(ROUNDINGS)))


@given(scales(), MAXIMUM, st.floats(0, 1), st.floats(0, 1))
def test_more_points_are_never_less_and_nothing_leaves_the_bounds(
    scale: Scale, maximum: float, one: float, other: float
) -> None:
    low, high = sorted((one * maximum, other * maximum))
    below, most = scale.convert(low, maximum)
    above, _most = scale.convert(high, maximum)
    assert 0 <= below <= above <= most
    assert scale.convert(maximum, maximum)[0] == most or scale.rounding != "exact"


@pytest.mark.parametrize(
    ("percent", "mark"), [(0, 2), (49.99, 2), (50, 3), (69.99, 3), (70, 4), (85.99, 4), (86, 5), (100, 5)]
)
def test_a_threshold_belongs_to_the_better_mark(percent: float, mark: int) -> None:
    assert Scale(FIVE, USUAL).convert(percent, 100) == (mark, 5)


@pytest.mark.parametrize(
    ("rounding", "points", "value"),
    [
        ("tenth", 0.25, 0.3),
        ("tenth", 0.35, 0.4),
        ("whole", 2.5, 3),
        ("whole", 0.5, 1),
        ("down", 2.999, 2),
        ("exact", 2.345, 2.345),
    ],
)
def test_halves_go_up_as_people_count(rounding: str, points: float, value: float) -> None:
    assert Scale(POINTS, rounding=rounding).convert(points, 10) == (value, 10)


def test_percent_has_no_binary_tails() -> None:
    assert Scale(PERCENT).convert(2.85, 10) == (28.5, 100)
    assert Scale(PERCENT, rounding="tenth").convert(0.285, 1) == (28.5, 100)
    assert Scale(PERCENT, rounding="whole").convert(1, 3) == (33, 100)


def test_passed_or_not() -> None:
    scale = Scale(PASS_FAIL, (Decimal(60),))
    assert [scale.convert(points, 10)[0] for points in (5.99, 6, 10)] == [0, 1, 1]


def test_rounding_never_exceeds_the_maximum() -> None:
    assert Scale(POINTS, rounding="whole").convert(7.5, 7.5) == (7.5, 7.5)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"kind": "stars"}, "kind"),
        ({"rounding": "up"}, "rounding"),
        ({"kind": FIVE, "lowest": 3, "thresholds": USUAL[:2]}, "lowest"),
        ({"kind": FIVE}, "thresholds"),
        ({"kind": FIVE, "thresholds": USUAL[::-1]}, "thresholds"),
        ({"kind": FIVE, "thresholds": (Decimal(0), *USUAL[1:])}, "thresholds"),
        ({"kind": PASS_FAIL, "thresholds": (Decimal(101),)}, "thresholds"),
        ({"kind": POINTS, "thresholds": USUAL}, "thresholds"),
    ],
)
def test_what_makes_no_sense_is_told(app: object, details: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as told:
        Scale(**details)  # type: ignore[arg-type]
    assert set(told.value.errors) == {field}
