"""Operators: one-time links that only a press uses up, and the way out."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.people.models import Person, SignInLink
from tests.conftest import browser
from tests.factories.joining import TOOL, operator
from tests.lms import COURSE, TEACHER, School, read_forms, submit


def invite(app: Flask, name: str = "Olga Operator") -> str:
    result = app.test_cli_runner().invoke(args=["operator", "invite", name])
    assert result.exit_code == 0, result.output
    return str(result.output.split()[-1])


def press(client: FlaskClient, link: str) -> int:
    page = client.get(link)
    assert page.status_code == 200
    form = next(form for form in read_forms(page.text, link) if "code" in form.fields)
    return submit(client, form).status_code


def test_a_link_signs_in_once(app: Flask, client: FlaskClient) -> None:
    link = invite(app)
    assert link.startswith(f"{TOOL}/operator/sign-in?code=")
    assert press(client, link) == 200
    page = client.get(f"{TOOL}/operator")
    assert "Olga Operator" in page.text
    assert client.get(f"{TOOL}/", follow_redirects=False).location == "/operator"
    again = browser(app)
    assert again.get(link).status_code == 410
    assert again.get(f"{TOOL}/operator").status_code == 401


def test_looking_does_not_use_it_up(app: Flask, client: FlaskClient) -> None:
    link = invite(app)
    for _look in range(3):
        page = browser(app).get(link)
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert browser(app).head(link).status_code == 200
    assert press(client, link) == 200


def test_two_presses_at_once_sign_in_one(app: Flask) -> None:
    link = invite(app)
    first, second = browser(app), browser(app)
    forms = []
    for client in (first, second):
        page = client.get(link)
        forms.append(next(form for form in read_forms(page.text, link) if "code" in form.fields))
    codes = [
        submit(client, form, follow=False).status_code for client, form in zip((first, second), forms, strict=True)
    ]
    assert codes == [303, 410]
    assert second.get(f"{TOOL}/operator").status_code == 401


def test_an_old_link_and_a_wrong_one_do_nothing(app: Flask, client: FlaskClient) -> None:
    link = invite(app)
    assert client.get(link[:-4] + "xxxx").status_code == 410
    assert client.get(f"{TOOL}/operator/sign-in").status_code == 410
    with app.app_context(), unit_of_work():
        execute(update(SignInLink).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert client.get(link).status_code == 410


def test_the_code_is_not_stored(app: Flask) -> None:
    code = invite(app).partition("code=")[2]
    with app.app_context():
        assert code not in repr(db.session.execute(db.metadata.tables["sign_in_link"].select()).all())


def test_the_same_name_is_the_same_operator(app: Flask) -> None:
    invite(app)
    invite(app, " Olga  Operator ")
    invite(app, "Oleg")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Person)) == 2
        assert list(db.session.scalars(select(AuditEvent.verb))) == ["operator.invite"] * 3


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_name_is_needed(app: Flask, name: str) -> None:
    result = app.test_cli_runner().invoke(args=["operator", "invite", name])
    assert result.exit_code == 1
    assert "name" in result.output


def test_json_tells_all(app: Flask) -> None:
    (row,) = json.loads(app.test_cli_runner().invoke(args=["operator", "invite", "Olga", "--json"]).output)
    assert row["link"].startswith(f"{TOOL}/operator/sign-in?code=")


def test_signing_out(app: Flask) -> None:
    client = operator(app)
    page = client.get(f"{TOOL}/operator").text
    form = next(form for form in read_forms(page, f"{TOOL}/operator") if form.action.endswith("/sign-out"))
    assert submit(client, form).status_code == 200
    assert client.get(f"{TOOL}/operator").status_code == 401


def test_signing_in_ends_the_session_of_a_launch(app: Flask, client: FlaskClient, school_a: School) -> None:
    school_a.launch(client, TEACHER, school_a.add_link(COURSE, "Link"))
    assert press(client, invite(app)) == 200
    page = client.get(f"{TOOL}/operator")
    assert page.status_code == 200
    assert client.get(f"{TOOL}/courses/new").status_code in (403, 404)


def test_who_is_no_operator_any_more_is_out(app: Flask) -> None:
    client = operator(app)
    with app.app_context(), unit_of_work():
        execute(update(Person).values(operator_name=None))
    assert client.get(f"{TOOL}/operator").status_code == 401


def test_every_rule_is_listed_in_words(app: Flask) -> None:
    page = operator(app).get(f"{TOOL}/operator/rules").text
    for verb in ("registration.approve", "context.see", "organization.add", "invitation.create"):
        assert verb in page
    assert "An operator of the hub" in page
