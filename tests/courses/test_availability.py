"""What is open to pupils, from when, until when and after what; and what others see of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
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
    task = course.add("assignment", title="Task", unit=unit)
    path, edit = f"/courses/activities/{task}", f"/courses/activities/{task}/edit"
    text = {"title": "Task", "body": "", "action": "save", "points": "10", "accept_text": "y", "published": "y"}
    dates = {"available_from": "2099-11-23T10:00", "available_until": "2099-12-01T10:00"}
    wrong = course.host.post(edit, version="1", **text, **{**dates, "available_until": "2099-11-22T10:00"})
    assert wrong.status_code == 422
    assert "It has to close after it opens." in wrong.text
    assert course.host.post(edit, version="1", **text, **dates).status_code == 303
    assert "not open yet" in course.pupil.get("/courses/1").text
    waiting = course.pupil.get(path)
    assert waiting.status_code == 200
    assert "This is not open yet" in waiting.text
    assert 'name="text"' not in waiting.text
    assert course.pupil.get(f"{path}/hand-in").status_code == 404
    assert course.pupil.post(f"{path}/work", text="Early", version="0", tab="t").status_code == 404
    assert course.partner.get(path).status_code == 200
    link = school_b.add_link(COURSE, "Task", custom={"content": f"activity:{task}"})
    launched = school_b.launch(course.pupil.browser, PUPIL, link)
    assert launched.request.path == path
    assert "2099" in launched.text
    course.pupil.post("/language", locale="en")
    # another tab opens it at once
    assert course.host.post(edit, version="2", **text, **{**dates, "available_from": ""}).status_code == 303
    assert course.host.post(edit, version="2", **text, **dates).status_code == 409
    assert "Your answer" in course.pupil.get(path).text
    assert course.hand_in(course.pupil, task).status_code == 303
    assert (
        course.host.post(edit, version="3", **text, available_from="", available_until="2020-01-01T10:00").status_code
        == 303
    )
    over = course.pupil.get(path)
    assert "Done" in over.text
    late = course.pupil.post(f"{path}/work", text="More", version="2", tab="t")
    assert late.status_code == 409
    assert "The time for handing in is over" in late.text
    assert (
        course.host.post(
            f"/courses/units/{unit}/edit", title="W", published="y", version="1", available_from="2099-01-01T10:00"
        ).status_code
        == 303
    )
    assert course.pupil.get(f"{path}/hand-in").status_code == 404


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
