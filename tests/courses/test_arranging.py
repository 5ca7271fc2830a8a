"""Units, and the order of everything: moved from what was seen, so that two teachers lose nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.db import db, unit_of_work
from lti_tool.courses.arrangement import Arrangement, Move, holds_up
from lti_tool.courses.models import Activity
from tests.courses.authoring import Course, order_on
from tests.lms import School
from tests.statements import counted


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    return Course(app, school_a, school_b)


def test_units_and_activities_are_arranged(course: Course) -> None:
    first, second = course.add_unit("Week 1"), course.add_unit("Week 2")
    one, two = course.add(title="One", unit=first), course.add(title="Two", unit=first)
    loose = course.add(title="Loose")
    assert order_on(course.pupil) == [f"{loose}", f"U{first}", f"{one}", f"{two}", f"U{second}"]
    assert course.move(f"{second}:", activity=one).status_code == 303
    assert course.move(f"{first}:{two}", activity=loose).status_code == 303
    assert course.move(f"{first}", unit=second).status_code == 303
    arranged = [f"U{second}", f"{one}", f"U{first}", f"{loose}", f"{two}"]
    assert order_on(course.pupil) == order_on(course.host) == arranged
    course.move("up", activity=loose)  # over the edge, into the unit above
    assert order_on(course.host) == [f"U{second}", f"{one}", f"{loose}", f"U{first}", f"{two}"]
    page = course.host.get(f"/courses/activities/{two}/move").text
    assert f'value="{second}:{one}"' in page
    assert f'value="{first}:"' in page
    told = course.host.browser.post(
        "https://tool.example/courses/1/order",
        data={"seen": course.seen, "activity": two, "place": "0:", "csrf_token": _token(course)},
        headers={"Accept": "application/json"},
    ).json
    assert told == {"seen": course.seen, "unit": None, "before": None}


def _token(course: Course) -> str:
    return course.host.get("/courses/1/units/new").text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_two_teachers_lose_nothing(course: Course) -> None:
    unit = course.add_unit("Week 1")
    one, two = course.add(title="One"), course.add(title="Two")
    seen = course.seen
    assert course.move(f"{unit}:", seen, activity=one).status_code == 303
    late = course.move(f"{unit}:", seen, activity=two)
    assert late.status_code == 409
    assert "Nothing was overwritten" in late.text
    assert order_on(course.host) == [f"{two}", f"U{unit}", f"{one}"]
    assert course.move("0:", activity=999).status_code == 409
    assert course.move("999:", activity=one).status_code == 409
    path = f"/courses/units/{unit}/edit"
    assert course.host.post(path, title="Week one", published="y", version="1").status_code == 303
    other = course.host.post(path, title="First week", published="y", version="1")
    assert other.status_code == 409
    assert "Week one" in other.text
    assert "First week" in other.text


def test_a_unit_goes_with_or_without_what_is_in_it(course: Course) -> None:
    first, second = course.add_unit("Week 1"), course.add_unit("Week 2")
    one, two = course.add(title="One", unit=first), course.add(title="Two", unit=second)
    after = course.add(title="After", after=two)
    assert course.host.post(f"/courses/units/{first}/delete", keep_in="x").status_code == 422
    assert course.host.post(f"/courses/units/{first}/delete", keep_in=second).status_code == 303
    assert order_on(course.host) == [f"{after}", f"U{second}", f"{two}", f"{one}"]
    assert "not open yet" in course.pupil.get("/courses/1").text
    assert course.host.post(f"/courses/units/{second}/delete", keep_in="out").status_code == 303
    assert order_on(course.host) == [f"{after}"]
    assert "not open yet" not in course.pupil.get("/courses/1").text
    assert course.host.get(f"/courses/units/{second}/edit").status_code == 404


@pytest.mark.parametrize("activities", [1, 60])
def test_the_course_page_asks_the_same_of_the_database(app: Flask, course: Course, activities: int) -> None:
    units = [course.add_unit(f"Week {number}") for number in range(1 + activities // 10)]
    with app.app_context():
        _fill(units, activities)
    for person in (course.host, course.partner, course.pupil):
        person.get("/courses/1")
        with counted(app) as sent:
            page = person.get("/courses/1")
        assert page.text.count('id="activity-') == activities
        assert len(sent) <= 15, "\n".join(sent)


def _fill(units: list[int], count: int) -> None:
    """Assignments in these units, each after the one before."""

    with unit_of_work():
        before = None
        for number in range(count):
            activity = Activity(course_id=1, kind="assignment", title=f"Task {number}", points=5)
            activity.unit_id, activity.position, activity.after_id = units[number % len(units)], number, before
            db.session.add(activity)
            db.session.flush()
            before = activity.id


@st.composite
def _orders(draw: st.DrawFn) -> Arrangement:
    activities = draw(st.permutations(range(1, 9)))
    cuts = sorted(draw(st.lists(st.integers(0, 8), min_size=3, max_size=3)))
    parts = [activities[a:b] for a, b in zip([0, *cuts], [*cuts, 8], strict=True)]
    units = draw(st.permutations([11, 12, 13]))
    return Arrangement(tuple(zip([None, *units], map(tuple, parts), strict=True)))


_moves = st.builds(
    Move,
    activity_id=st.sampled_from([None, *range(10)]),
    unit_id=st.sampled_from([None, 11, 12, 13, 14]),
    to_unit=st.sampled_from([None, 11, 12, 13, 14]),
    before=st.sampled_from([None, *range(1, 10), 11, 12, 13]),
    step=st.sampled_from([-1, 0, 1]),
)


@given(_orders(), _moves)
def test_a_move_moves_one_thing_and_loses_none(order: Arrangement, move: Move) -> None:
    try:
        moved = move.of(order)
    except ValueError:
        return
    assert sorted(moved.activity_ids) == sorted(order.activity_ids)
    assert {unit for unit, _inside in moved.units} == {unit for unit, _inside in order.units}
    if move.activity_id is not None:
        others = [each for each in order.activity_ids if each != move.activity_id]
        assert [each for each in moved.activity_ids if each != move.activity_id] == others
        assert [unit for unit, _inside in moved.units] == [unit for unit, _inside in order.units]
    else:
        assert dict(moved.units) == dict(order.units)
    assert (moved.fingerprint == order.fingerprint) == (moved == order)
    if move.step:
        back = Move(move.activity_id, move.unit_id, step=-move.step).of(moved)
        assert back == order or moved == order


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7))))
def test_accepted_prerequisites_never_make_a_circle(wanted: list[tuple[int, int]]) -> None:
    links: dict[int, int | None] = dict.fromkeys(range(1, 8))
    for activity, before in wanted:
        if not holds_up(links.items(), activity, before):
            links[activity] = before
    for after in links.values():
        current, steps = after, 0
        while current is not None:
            current, steps = links[current], steps + 1
            assert steps <= len(links)
