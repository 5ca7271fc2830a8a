"""A course of two schools and everybody around it, signed in; made once for many questions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import browser
from tests.lms import ADMIN, COURSE, OTHER_COURSE, PUPIL, SECOND_TEACHER, TEACHER, School, read_forms, submit

TOOL = "https://tool.example"


class Person:
    """A browser, signed in by a launch of some course."""

    def __init__(self, app: Flask, school: School | None, number: int = 0, course: int = COURSE) -> None:
        self.browser: FlaskClient = browser(app)
        self.school, self.number = school, number
        if school is not None:
            link = next((each["id"] for each in school.links(course)), None) or school.add_link(
                course, "Together", graded=False
            )
            self.home = school.launch(self.browser, number, link)

    def get(self, path: str) -> TestResponse:
        return self.browser.get(f"{TOOL}{path}")

    def post(self, path: str, **data: Any) -> TestResponse:
        """A form of this session, as if it had been on a page."""
        token = self.token
        values = {"csrf_token": token} if token else {}
        return self.browser.post(f"{TOOL}{path}", data={**values, **data})

    @property
    def token(self) -> str:
        """What this session's forms prove themselves with; empty for a stranger."""
        page = self.browser.get(f"{TOOL}/", follow_redirects=True).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return found[1] if found else ""

    @property
    def context(self) -> int:
        """The newest launch's context, as the home page's links name it."""
        found = re.search(r"/courses/join/(\d+)", self.home.text)
        return int(found[1]) if found else 0


@dataclass(frozen=True)
class Scene:
    """Course 1 with page 1, assignment 2 (handed in by both pupils), hidden page 3, unit 1 with nothing in it; participations 1 (A) and 2 (B)."""

    people: dict[str, Person]
    pupil_ids: dict[str, int]
    """Identity ids by name of the person."""

    def __getitem__(self, name: str) -> Person:
        return self.people[name]


def build(app: Flask, school_a: School, school_b: School) -> Scene:
    people = {
        "host": Person(app, school_a, TEACHER),
        "partner": Person(app, school_b, TEACHER),
        "pupil": Person(app, school_a, PUPIL),
        "partner's pupil": Person(app, school_b, PUPIL),
        "teacher beside": Person(app, school_a, SECOND_TEACHER, OTHER_COURSE),
        "pupil beside": Person(app, school_a, PUPIL + 1, OTHER_COURSE),
        "administrator": Person(app, school_a, ADMIN, OTHER_COURSE),
        "stranger": Person(app, None),
        "operator": operator(app),
    }
    host = people["host"]
    host.post("/courses/new", title="Rivers", description="", language="en", action="save")
    new = "/courses/1/activities/new"
    host.post(f"{new}/page", title="Read me", body="Text", published="y", action="save")
    task = {"title": "Report", "body": "Write", "points": "10", "accept_text": "y", "accept_files": "y"}
    host.post(f"{new}/assignment", published="y", action="save", **task)
    host.post(f"{new}/page", title="Hidden", body="Secret", action="save")
    host.post("/courses/1/units/new", title="Week 1")
    host.post("/courses/1/sharing", action="publish")
    code = re.search(r'readonly value="([^"]+)"', host.get("/courses/1/sharing").text)
    assert code
    for name in ("host", "partner"):
        people[name].post(f"/courses/join/{people[name].context}", code=code[1])
    for name in ("pupil", "partner's pupil"):
        people[name].post("/courses/activities/2/work", text=f"Work of {name}", version="0", tab="t", action="check")
        check = people[name].get("/courses/activities/2/hand-in")
        forms = read_forms(check.text, check.request.url)
        submit(people[name].browser, next(form for form in forms if "version" in form.fields))
    listed = host.get("/courses/activities/2/works").text
    ids = [int(number) for number in re.findall(r"/works/(\d+)\"", listed)]
    names = ["pupil", "partner's pupil"]
    own = [one for one in ids if people["partner"].get(f"/courses/activities/2/works/{one}").status_code == 200]
    pupil_ids = {names[1]: own[0], names[0]: next(one for one in ids if one not in own)}
    return Scene(people, pupil_ids)


def operator(app: Flask) -> Person:
    """Someone who runs the hub, signed in by a link."""
    person = Person(app, None)
    invited = app.test_cli_runner().invoke(args=["operator", "invite", "Olga"]).output.split()
    code = next(word for word in invited if "code=" in word).partition("code=")[2]
    page = person.browser.get(f"{TOOL}/operator/sign-in?code={code}")
    submit(person.browser, next(form for form in read_forms(page.text, TOOL) if "sign-in" in form.action))
    return person
