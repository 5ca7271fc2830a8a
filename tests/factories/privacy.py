"""Schools that ask for consent, as their coordinators make them so, and people who meet the gate."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from lti_tool.core.db import db
from tests.conftest import browser
from tests.factories.joining import TOOL
from tests.lms import COURSE, Form, School, read_forms, submit


def form_to(page: TestResponse, action: str) -> Form:
    """The form of a page that is sent to `action`."""
    forms = read_forms(page.text, page.request.url)
    found = [form for form in forms if form.method == "post" and form.action.partition("?")[0].endswith(action)]
    assert found, f"no form for {action}: {page.status} {page.text[:3000]}"
    return found[0]


def choose(coordinator: FlaskClient, owner: int, **choice: Any) -> None:
    """Have the organization ask for consent, or (ask="notice") only show the notice."""
    page = coordinator.get(f"{TOOL}/organizations/{owner}/privacy")
    form = form_to(page, f"/organizations/{owner}/privacy")
    for name in ("guardian", "teachers_confirm"):
        form.fields.pop(name, None)
    answer = submit(coordinator, form, **{"ask": "consent", **choice})
    assert "Saved." in answer.text


def publish(coordinator: FlaskClient, owner: int, *, again: bool = False, **texts: str) -> TestResponse:
    """Write a draft with these parts and publish it; the page afterwards."""
    page = coordinator.get(f"{TOOL}/organizations/{owner}/privacy/draft")
    look = submit(coordinator, form_to(page, "/privacy/draft"), **texts)
    assert look.status_code == 200, look.text
    return submit(coordinator, form_to(look, "/privacy/publish"), **({"ask_again": "y"} if again else {}))


def come(app: Flask, school: School, sub: int, course: int = COURSE) -> tuple[FlaskClient, TestResponse]:
    """A browser in which somebody opened a link of the LMS, and the page it ended on."""
    client = browser(app)
    link = next((each["id"] for each in school.links(course)), None) or school.add_link(course, "Together")
    page = school.launch(client, sub, link, claims=_in_english)
    assert page.status_code == 200, page.text
    return client, page


def _in_english(claims: dict[str, Any]) -> None:
    claims["https://purl.imsglobal.org/spec/lti/claim/launch_presentation"]["locale"] = "en"


def agree(client: FlaskClient, page: TestResponse) -> TestResponse:
    """Press the button of consent; the page behind the gate."""
    assert page.request.path == "/privacy/consent", page.text
    return submit(client, form_to(page, "/privacy/consent"), answer="agree")


def refuse(client: FlaskClient, page: TestResponse) -> TestResponse:
    return submit(client, form_to(page, "/privacy/consent"), answer="refuse")


def token(client: FlaskClient) -> str:
    """The session's form token, from a page that is always open."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{TOOL}/privacy/notice").text)
    assert found
    return found[1]


def statements(app: Flask, work: Callable[[], object]) -> int:
    """How many SQL statements `work` takes."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
