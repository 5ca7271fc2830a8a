"""What the tests of writing courses share: a host with a course, pupils of two schools, and ways to look at them."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.courses.scene import Person
from tests.lms import PUPIL, TEACHER, School


class Course:
    """Course 1 of school A, published, in which classes of both schools take part."""

    def __init__(self, app: Flask, school_a: School, school_b: School) -> None:
        self.host, self.partner = Person(app, school_a, TEACHER), Person(app, school_b, TEACHER)
        self.pupil, self.own_pupil = Person(app, school_b, PUPIL), Person(app, school_a, PUPIL)
        for person in (self.host, self.partner, self.pupil, self.own_pupil):
            person.post("/language", locale="en")
        self.host.post("/courses/new", title="Rivers", description="", language="en", action="save")
        self.host.post("/courses/1/sharing", action="publish")
        code = re.search(r'readonly value="([^"]+)"', self.host.get("/courses/1/sharing").text)
        assert code
        for teacher in (self.host, self.partner):
            teacher.post(f"/courses/join/{teacher.context}", code=code[1])

    def add(self, kind: str = "page", **values: Any) -> int:
        """An activity; its id."""
        form = {"title": "Read me", "body": "Text", "published": "y", "action": "save", **values}
        if kind == "assignment":
            form = {"points": "10", "accept_text": "y", **form}
        answer = self.host.post(f"/courses/1/activities/new/{kind}", **form)
        assert answer.status_code == 303, answer.text
        return int(answer.location.rpartition("-")[2])

    def add_unit(self, title: str, **values: Any) -> int:
        answer = self.host.post("/courses/1/units/new", **{"title": title, "published": "y", **values})
        assert answer.status_code == 303, answer.text
        return int(answer.location.rpartition("-")[2])

    @property
    def seen(self) -> str:
        """The order as the host's page says it."""
        found = re.search(r'data-seen="(\w+)"', self.host.get("/courses/1").text)
        assert found
        return found[1]

    def move(self, place: str, seen: str = "", **thing: int) -> TestResponse:
        return self.host.post("/courses/1/order", place=place, seen=seen or self.seen, **thing)

    def hand_in(self, pupil: Person, activity: int) -> TestResponse:
        pupil.post(f"/courses/activities/{activity}/work", text="Done", version="0", tab="t", action="check")
        check = pupil.get(f"/courses/activities/{activity}/hand-in")
        version = re.search(r'name="version" value="(\d+)"', check.text)
        assert version
        return pupil.post(f"/courses/activities/{activity}/hand-in", version=version[1])


def order_on(person: Person) -> list[str]:
    """Units (`U5`) and activities (`3`) in the order of the course's page."""
    page = person.get("/courses/1").text
    found = re.findall(r'id="(unit|activity)-(\d+)"', page)
    return [f"U{ident}" if what == "unit" else ident for what, ident in found]
