"""The page about a school's grades on their way: who sees what, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import browser
from tests.factories.grades import record, score
from tests.factories.joining import TOOL, fill, in_english, operator
from tests.lms import ADMIN, COURSE, PUPIL, TEACHER, School

RunJobs = Callable[[], int]
PAGE = f"{TOOL}/registrations/1/deliveries"


@pytest.fixture
def held(app: Flask, school_a: School, run_jobs: RunJobs) -> int:
    """A grade the LMS refused, because its pupil had left."""
    link = school_a.add_link(COURSE, "Report", custom={"content": "home"}, graded=False)
    for person in (PUPIL, PUPIL + 1):
        assert school_a.launch(browser(app), person, link, follow=False).status_code == 303
    school_a.remove(COURSE, PUPIL)
    found = record(app, PUPIL, 7, label="Report on water")
    run_jobs()
    assert score(app, found).state == "refused"
    return found


def enter(app: Flask, school: School, person: int) -> FlaskClient:
    client = browser(app)
    link = school.add_link(COURSE, "Door", custom={"content": "home"}, graded=False)
    assert school.launch(client, person, link, follow=False).status_code == 303
    return in_english(client)


def test_the_administrator_reads_what_failed_and_sends_it_once_more(
    app: Flask, school_a: School, held: int, run_jobs: RunJobs
) -> None:
    client = enter(app, school_a, ADMIN)
    text = client.get(PAGE).text
    assert "Report on water" in text
    assert "does not take a grade for this person" in text
    school_a.enrol(COURSE, PUPIL, role="pupil")
    assert "1 grade is sent once more" in fill(client, "/registrations/1/deliveries", "/deliveries")
    run_jobs()
    assert score(app, held).state == "delivered"
    assert "Every grade has arrived" in client.get(PAGE).text


def test_an_lms_that_is_away_is_told(app: Flask, school_a: School, held: int, run_jobs: RunJobs) -> None:
    client = enter(app, school_a, ADMIN)
    school_a.fault("ags", "500")
    for person in range(PUPIL + 2, PUPIL + 8):
        enter(app, school_a, person)
        record(app, person, 5)
    run_jobs()
    assert "The LMS does not answer" in client.get(PAGE).text
    operating = operator(app)
    overview = operating.get(f"{TOOL}/operator").text
    assert "LMS does not answer" in overview
    assert "1 on hold" in overview
    assert "6 wait" in overview


def test_the_operator_reads_no_titles_of_a_schools_courses(app: Flask, held: int) -> None:
    text = operator(app).get(PAGE).text
    assert "does not take a grade for this person" in text
    assert "Report on water" not in text


def test_nobody_else_reads_it(app: Flask, school_a: School, school_b: School, held: int) -> None:
    for client in (enter(app, school_a, TEACHER), enter(app, school_b, ADMIN), enter(app, school_b, TEACHER)):
        assert client.get(PAGE).status_code == 404
    assert browser(app).get(PAGE).status_code == 401
    assert operator(app).get(f"{TOOL}/registrations/99/deliveries").status_code == 404
