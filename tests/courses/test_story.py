"""The whole way: a host makes a course, two schools take part, pupils hand in, one grade goes to each school."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import browser
from tests.lms import COURSE, PUPIL, TEACHER, School, read_forms, submit

TOOL = "https://tool.example"


def form_of(page: TestResponse, part: str, **having: str) -> Any:
    """The form of a page whose address contains `part` and whose hidden fields are as given."""
    found = [
        form
        for form in read_forms(page.text, page.request.url)
        if part in form.action
        and form.method == "post"
        and all(form.fields.get(name) == value for name, value in having.items())
    ]
    assert found, f"no form to {part} on {page.request.path}: {page.status}"
    return next((form for form in found if form.action.endswith(part)), found[0])


class Person:
    """A signed-in browser."""

    def __init__(self, app: Flask, school: School, number: int) -> None:
        self.browser: FlaskClient = browser(app)
        self.school, self.number = school, number
        self.home = school.launch(self.browser, number, school.add_link(COURSE, "Together", graded=False))
        assert self.home.status_code == 200

    def get(self, path: str) -> TestResponse:
        return self.browser.get(f"{TOOL}{path}", follow_redirects=True)

    def send(self, page: TestResponse, part: str, having: dict[str, str] | None = None, **values: Any) -> TestResponse:
        return submit(self.browser, form_of(page, part, **(having or {})), **values)


def make_course(host: Person) -> int:
    """A published course with a page and an assignment of 10 points; its id."""
    course = host.send(
        host.get("/courses/new"), "/courses/new", title="Экология", description="О **воде**", action="save"
    )
    course_id = int(course.request.path.split("/")[2])
    new = f"/courses/{course_id}/activities/new"
    host.send(host.get(f"{new}/page"), new, title="Читать", body="# Вода", published="y", action="save")
    task: dict[str, Any] = {
        "title": "Отчёт",
        "body": "Напишите",
        "points": "10",
        "accept_text": "y",
        "accept_files": "y",
    }
    host.send(host.get(f"{new}/assignment"), new, published="y", action="save", **task)
    host.send(host.get(f"/courses/{course_id}/sharing"), "sharing", action="publish")
    return course_id


def join_code(host: Person, course_id: int) -> str:
    page = host.get(f"/courses/{course_id}/sharing").text
    return page.partition('readonly value="')[2].partition('"')[0]


@pytest.fixture
def host(app: Flask, school_a: School) -> Person:
    return Person(app, school_a, TEACHER)


@pytest.fixture
def partner(app: Flask, school_b: School) -> Person:
    return Person(app, school_b, TEACHER)


def join(teacher: Person, code: str) -> TestResponse:
    context = teacher.home.text.partition("/courses/join/")[2].partition('"')[0]
    page = teacher.get(f"/courses/join/{context}")
    return submit(teacher.browser, form_of(page, "/courses/join/"), code=code)


def test_from_two_schools_to_one_course_and_back(
    app: Flask, host: Person, partner: Person, school_a: School, school_b: School, run_jobs: Callable[[], int]
) -> None:
    course_id = make_course(host)
    code = join_code(host, course_id)
    for teacher in (host, partner):
        assert join(teacher, code.lower()).status_code == 200

    links: dict[School, list[int]] = {}
    for teacher in (host, partner):
        picker = teacher.school.deep_link(teacher.browser, TEACHER, COURSE)
        assert "Отчёт" in picker.text
        contents = [value for value in ("course:1", "activity:2") if value in picker.text]
        form = form_of(picker, "/selection/")
        answer = teacher.browser.post(form.action, data={**form.fields, "content": contents})
        links[teacher.school] = teacher.school.save(teacher.school.accept(answer))
        assert len(links[teacher.school]) == 2

    pupils = {school: browser(app) for school in (school_a, school_b)}
    for school, pupil in pupils.items():
        page = school.launch(pupil, PUPIL, links[school][1])
        assert page.request.path == "/courses/activities/2"
        form = form_of(page, "/work")
        files = {"files": (BytesIO(b"%PDF-1.4"), "отчёт.pdf")}
        text = {"text": f"Мой ответ <script>{school.url}</script>", "action": "check"}
        check = pupil.post(form.action, data={**form.fields, **text, **files}, follow_redirects=True)
        assert "отчёт.pdf" in check.text
        assert "<script>http" not in check.text
        done = submit(pupil, form_of(check, "/hand-in"))
        assert done.status_code == 200

    works = host.get("/courses/activities/2/works")
    assert "(2)" in works.text
    for identity, value in enumerate(identities(works.text), start=7):
        work = host.get(f"/courses/activities/2/works/{value}")
        assert work.status_code == 200
        graded = host.send(work, f"/works/{value}", points=f"{identity},5" if identity < 10 else "9", comment="Хорошо")
        assert graded.status_code == 200
    run_jobs()
    for school, pupil in pupils.items():
        assert school.scores(links[school][1]) in (
            {str(PUPIL): 75.0},
            {str(PUPIL): 85.0},
            {str(PUPIL): 7.5},
            {str(PUPIL): 8.5},
        )
        assert "Хорошо" in pupil.get(f"{TOOL}/courses/activities/2").text
    assert school_a.scores(links[school_a][1]) != school_b.scores(links[school_b][1])

    book = host.get(f"/courses/{course_id}/gradebook")
    assert book.text.count("text-bg-success") >= 2
    own = partner.get(f"/courses/{course_id}/gradebook")
    assert own.status_code == 200
    assert own.text.count("/courses/activities/2/works/") < book.text.count("/courses/activities/2/works/")


def identities(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split("/courses/activities/2/works/")[1:]]
