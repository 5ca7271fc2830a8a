"""The page of participants: found, in pages, by the right people only."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from lti_tool.core.db import db
from tests.conftest import browser
from tests.factories.joining import TOOL, in_english
from tests.lms import ADMIN, COURSE, OTHER_COURSE, PUPIL, SECOND_TEACHER, TEACHER, School

RunJobs = Callable[[], int]
PAGE = f"{TOOL}/contexts/1/participants"


@pytest.fixture
def teacher(app: Flask, school_a: School, run_jobs: RunJobs) -> FlaskClient:
    client = browser(app)
    school_a.customize(groups="$Moodle.Person.userGroupIds")
    link = school_a.add_link(COURSE, "Home")
    page = school_a.launch(client, TEACHER, link)
    assert "/contexts/1/participants" in page.text
    school_a.launch(browser(app), PUPIL, link, follow=False)
    run_jobs()
    return in_english(client)


def names(text: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]*)</th>', text)


def test_everybody_in_pages(teacher: FlaskClient) -> None:
    first = teacher.get(PAGE)
    assert first.status_code == 200
    assert "33 participants found" in first.text
    second = teacher.get(f"{PAGE}?page=2&status=active")
    assert (len(names(first.text)), len(names(second.text))) == (25, 8)
    assert sorted(names(first.text) + names(second.text))
    assert "All changes" in first.text
    changes = teacher.get(f"{TOOL}/contexts/1/changes")
    assert changes.status_code == 200
    assert "joined as teacher · on entering" in teacher.get(f"{TOOL}/contexts/1/changes?page=2").text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("name=белова", 1),
        ("name=БЕЛОВА+мария", 1),
        ("name=артем", 1),
        ("name=%25", 0),
        ("name=nobody", 0),
        ("role=teacher", 2),
        ("role=learner", 31),
        ("role=other", 0),
        ("role=nonsense", 33),
        ("group=1", 1),
        ("group=2", 0),
        ("group=%22", 0),
        ("status=inactive", 0),
        ("status=all", 33),
        ("status=nonsense", 33),
        ("page=99999999999999999999", 33),
        ("name=%00", 33),
    ],
)
def test_what_is_looked_for(teacher: FlaskClient, query: str, count: int) -> None:
    page = teacher.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    assert (f"{count} participant{'' if count == 1 else 's'} found" in page.text) == (count > 0)
    assert ("Nobody found" in page.text) == (count == 0)


def test_who_has_left(app: Flask, teacher: FlaskClient, school_a: School) -> None:
    school_a.remove(COURSE, PUPIL)
    app.test_cli_runner().invoke(args=["roster", "sync"])
    gone = names(teacher.get(f"{PAGE}?status=inactive").text)
    assert len(gone) == 1
    assert gone[0] not in names(teacher.get(PAGE).text)
    assert "has left" in teacher.get(f"{PAGE}?status=inactive").text


def test_groups_are_shown(teacher: FlaskClient) -> None:
    assert "Group 1</span>" in teacher.get(f"{PAGE}?group=1").text


def test_without_names_people_are_found_by_their_number(app: Flask, school_a: School, run_jobs: RunJobs) -> None:
    school_a.privacy(names=False, emails=False)
    client = browser(app)
    school_a.launch(client, TEACHER, school_a.add_link(COURSE, "Home"))
    run_jobs()
    in_english(client)
    assert names(client.get(f"{PAGE}?name=7").text) == ["Participant 7, Школа № 12"]


def test_only_the_teacher_and_the_administrator_of_that_lms(
    app: Flask, teacher: FlaskClient, school_a: School, school_b: School
) -> None:
    def come(school: School, person: int, course: int = COURSE) -> FlaskClient:
        client = browser(app)
        school.launch(client, person, school.add_link(course, "Another"), follow=False)
        return client

    others = {
        "pupil": come(school_a, PUPIL),
        "teacher beside": come(school_a, SECOND_TEACHER, OTHER_COURSE),
        "other school": come(school_b, TEACHER),
        "other administrator": come(school_b, ADMIN),
    }
    for path in (PAGE, f"{TOOL}/contexts/1/changes"):
        assert {who: client.get(path).status_code for who, client in others.items()} == dict.fromkeys(others, 404)
        assert browser(app).get(path).status_code in (401, 403, 404)
        administrator = come(school_a, ADMIN, OTHER_COURSE)
        page = administrator.get(path)
        assert page.status_code == 200
        assert 'action="/contexts/1/roster"' not in page.text
    assert teacher.get(f"{TOOL}/contexts/99/participants").status_code == 404
    assert teacher.get(f"{TOOL}/contexts/{2**70}/participants").status_code == 404


def test_as_many_statements_for_many_as_for_one(app: Flask, teacher: FlaskClient) -> None:
    def count(query: str) -> int:
        seen: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert teacher.get(f"{PAGE}?{query}").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    assert count("status=all") == count("group=1")


def test_the_course_page_of_the_home_teacher_shows_the_age_of_the_list(app: Flask, teacher: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', teacher.get(f"{TOOL}/").text)
    assert token
    form = {"csrf_token": token[1]}
    teacher.post(f"{TOOL}/courses/new", data={**form, "title": "Rivers", "language": "en", "action": "save"})
    teacher.post(f"{TOOL}/courses/1/sharing", data={**form, "action": "publish"})
    code = re.search(r'readonly value="([^"]+)"', teacher.get(f"{TOOL}/courses/1/sharing").text)
    assert code
    teacher.post(f"{TOOL}/courses/join/1", data={**form, "code": code[1]})
    page = teacher.get(f"{TOOL}/courses/participations/1")
    assert page.status_code == 200
    assert 'id="roster-1"' in page.text
    assert "33 participants in your course" in page.text
