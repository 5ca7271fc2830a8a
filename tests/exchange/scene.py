"""People of two schools around the exchange, signed in by launches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import browser
from tests.factories.coordinators import organization_of
from tests.factories.joining import TOOL, in_english
from tests.lms import COURSE, TEACHER, School, read_forms, submit


@dataclass
class Somebody:
    """A browser of somebody, in English."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"{TOOL}{path}")

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, action: str = "", *, button: tuple[str, str] | None = None, **typed: Any) -> TestResponse:
        """Send the form of a page whose address ends with `action` (the page's own when empty), by one of its buttons."""
        page = self.text(path)
        wanted = action or path
        form = next(
            form for form in read_forms(page, f"{TOOL}{path}") if form.method == "post" and form.action.endswith(wanted)
        )
        fields: dict[str, Any] = {**typed, **({button[0]: button[1]} if button else {})}
        return submit(self.client, form, **fields)

    def publish(self, kind: str = "link", **typed: Any) -> int:
        """Publish a resource; its number."""
        facts = {"url": "https://example.org/page"} if kind == "link" else {}
        facts |= {"title": "Fractions", "licence": "cc-by", **typed}
        answer = self.send(f"/exchange/new/{kind}", button=("action", "publish"), **facts)
        assert answer.status_code == 200, answer.text
        assert "Published" in answer.text, answer.text
        return int(answer.request.path.rsplit("/", 1)[1])


@dataclass
class Scene:
    app: Flask
    a: Somebody
    b: Somebody
    schools: tuple[School, School]
    ids: tuple[int, int]
    """Of their organizations."""


def enter(app: Flask, school: School, number: int = TEACHER, course: int = COURSE, link: int | None = None) -> Somebody:
    """Somebody who came from a school's LMS."""
    client = browser(app)
    link = link or next((each["id"] for each in school.links(course)), None)
    school.launch(client, number, link or school.add_link(course, "Together", graded=False))
    return Somebody(in_english(client))


def build(app: Flask, school_a: School, school_b: School) -> Scene:
    a, b = enter(app, school_a), enter(app, school_b)
    return Scene(app, a, b, (school_a, school_b), (organization_of(app, school_a), organization_of(app, school_b)))
