"""Counting how often something is asked for."""

from __future__ import annotations

import pytest
from limits import parse

from lti_tool.core import limits
from lti_tool.core.limits import TIDY_SECONDS, InProcess

THREE = parse("3 per minute")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limits.time, "monotonic", clock)
    return clock


def test_the_window_moves(clock: Clock) -> None:
    counters = InProcess()
    told = []
    for _each in range(5):
        told.append(counters.hit(THREE, "login", "10.0.0.1"))
        clock.now += 20
    assert told == [True, True, True, True, True]
    clock.now -= 20
    assert [counters.hit(THREE, "login", "10.0.0.1") for _each in range(2)] == [False, False]


def test_each_is_counted_alone(clock: Clock) -> None:
    counters = InProcess()
    for name, address in (("login", "a"), ("login", "b"), ("launch", "a")):
        assert [counters.hit(THREE, name, address) for _each in range(4)] == [True, True, True, False]


def test_who_stays_away_is_forgotten(clock: Clock) -> None:
    counters = InProcess()
    for number in range(1000):
        counters.hit(THREE, "login", str(number))
    clock.now += TIDY_SECONDS + 1
    counters.hit(THREE, "login", "new")
    assert len(counters._moments) == 1
