"""What is open to pupils, from when, until when and after what; and what others see of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.courses.availability import AFTER, HIDDEN, LATER, OPEN, OVER, availability
from lti_tool.courses.models import Activity, CourseUnit
from tests.courses.authoring import Course
from tests.lms import COURSE, PUPIL, School

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    return Course(app, school_a, school_b)


def test_dates_open_and_close(course: Course, school_b: School) -> None:
    unit = course.add_unit("Week 1")
    task = course.add(
        "assignment", title="Task", unit=unit, available_from="2026-11-23T10:00", available_until="2026-12-01T10:00"
    )
    path = f"/courses/activities/{task}"
    with time_machine.travel(NOW, tick=False):
        assert "not open yet" in course.pupil.get("/courses/1").text
        waiting = course.pupil.get(path)
        assert waiting.status_code == 200
        assert "This is not open yet" in waiting.text
        assert "Your answer" not in waiting.text
        assert course.pupil.get(f"{path}/hand-in").status_code == 404
        assert course.pupil.post(f"{path}/draft").status_code in (404, 422)
        assert course.partner.get(path).status_code == 200
        link = school_b.add_link(COURSE, "Task", custom={"content": f"activity:{task}"})
        launched = school_b.launch(course.pupil.browser, PUPIL, link)
        assert launched.request.path == path
        assert "This is not open yet" in launched.text
    with time_machine.travel(NOW + timedelta(days=5), tick=False):
        assert "Your answer" in course.pupil.get(path).text
        assert course.hand_in(course.pupil, task).status_code == 303
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        over = course.pupil.get(path)
        assert "closed" in over.text
        assert "Done" in over.text
        assert course.pupil.post(f"{path}/work", text="More", version="2", tab="t").status_code == 403
    wrong = {"title": "Task", "body": "", "action": "save", "available_from": "2026-11-23T10:00"}
    refused = course.host.post(
        f"{path}/edit", available_until="2026-11-22T10:00", points="10", accept_text="y", **wrong
    )
    assert refused.status_code == 422
    assert "It has to close after it opens." in refused.text


def test_one_after_the_other(course: Course) -> None:
    page = course.add(title="First")
    task = course.add("assignment", title="Second", after=page)
    last = course.add(title="Third", after=task)
    assert "I have read it" in course.pupil.get(f"/courses/activities/{page}").text
    assert "I have read it" not in course.pupil.get(f"/courses/activities/{last}").text
    assert "First comes:" in course.pupil.get(f"/courses/activities/{task}").text
    for _twice in range(2):
        assert course.pupil.post(f"/courses/activities/{page}/read").status_code == 303
    assert "You have read it" in course.pupil.get(f"/courses/activities/{page}").text
    assert "First comes:" in course.own_pupil.get(f"/courses/activities/{task}").text
    assert "First comes:" in course.pupil.get(f"/courses/activities/{last}").text
    assert course.hand_in(course.pupil, task).status_code == 303
    assert "First comes:" not in course.pupil.get(f"/courses/activities/{last}").text
    circle = {"title": "First", "body": "", "published": "y", "action": "save", "version": "1"}
    refused = course.host.post(f"/courses/activities/{page}/edit", after=last, **circle)
    assert refused.status_code == 422
    assert "waits for this one already" in refused.text
    assert course.host.post(f"/courses/activities/{page}/edit", after="77", **circle).status_code == 422
    # who takes the first one out, or hides it, does not lock the others for ever
    assert (
        course.host.post(
            f"/courses/activities/{task}/edit",
            title="Second",
            body="",
            points="10",
            accept_text="y",
            version="1",
            after=page,
            action="save",
        ).status_code
        == 303
    )
    assert "First comes:" not in course.own_pupil.get(f"/courses/activities/{last}").text


def test_a_hidden_unit_hides_all_of_it(course: Course) -> None:
    unit = course.add_unit("Later", published="")
    task = course.add("assignment", title="Secret task", unit=unit)
    for person in (course.pupil, course.partner):
        assert "Secret task" not in person.get("/courses/1").text
        assert "Later" not in person.get("/courses/1").text
        assert person.get(f"/courses/activities/{task}").status_code == 404
    assert "Secret task" in course.host.get("/courses/1").text


@given(st.data())
def test_one_judgement(data: st.DataObject) -> None:
    hours = st.none() | st.integers(-3, 3)
    yes = st.booleans()

    def moment(number: int | None) -> datetime | None:
        return None if number is None else NOW + timedelta(hours=number)

    unit = CourseUnit(published=data.draw(yes), available_from=moment(data.draw(hours))) if data.draw(yes) else None
    before = Activity(id=1, published=data.draw(yes)) if data.draw(yes) else None
    activity = Activity(id=2, published=data.draw(yes), unit=unit, after=before)
    activity.available_from, activity.available_until = moment(data.draw(hours)), moment(data.draw(hours))
    done = data.draw(st.sets(st.sampled_from([1, 3])))
    found = availability(activity, done, NOW)
    shown = activity.published and (unit is None or unit.published)
    begun = all(date is None or date <= NOW for date in (activity.available_from, unit and unit.available_from))
    held = before is not None and before.published and 1 not in done
    assert (found.state == HIDDEN) == (not shown)
    assert (found.state == LATER) == (shown and not begun)
    assert (found.state == AFTER) == (shown and begun and held)
    assert found.readable == (shown and begun and not held)
    assert (found.state == OVER) == (
        found.readable and activity.available_until is not None and activity.available_until <= NOW
    )
    assert found.open == (found.state == OPEN)
