"""The audit trail as people read it: a coordinator the own organization's, an operator all of it without names."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_tool.core import audit
from lti_tool.core.db import db, unit_of_work
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from tests.conftest import browser
from tests.factories.coordinators import coordinator, organization_of, person_of
from tests.factories.joining import TOOL, in_english, operator
from tests.lms import COURSE, PUPIL, TEACHER, School
from tests.statements import counted


@pytest.fixture
def head(app: Flask, school_b: School) -> FlaskClient:
    return coordinator(app, school_b)


def read(client: FlaskClient, **asked: object) -> str:
    page = client.get(f"{TOOL}/journal", query_string=asked)
    assert page.status_code == 200
    return page.text


def rows(client: FlaskClient, **asked: object) -> list[list[str]]:
    answer = client.get(f"{TOOL}/journal/lines.csv", query_string=asked)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]


def name_of(app: Flask, school: School, sub: int = TEACHER) -> str:
    with app.app_context():
        person_id = person_of(app, school, sub)
        return db.session.scalars(db.select(Identity.name).filter_by(person_id=person_id)).one()


def acts(app: Flask, organization_id: int, person_id: int, count: int) -> None:
    actor = Actor(person_id=person_id, organization_id=organization_id)
    with app.app_context(), unit_of_work():
        for number in range(count):
            audit.record(actor, "edit", "course", 1000 + number)


def test_a_coordinator_reads_the_own_organization_with_names(
    app: Flask, school_a: School, school_b: School, head: FlaskClient
) -> None:
    coordinator(app, school_a)
    ours, theirs = organization_of(app, school_b), organization_of(app, school_a)
    acts(app, theirs, person_of(app, school_a), 1)
    with app.app_context(), unit_of_work():
        audit.record(Actor(person_id=7_777, is_operator=True), "registration.check", "registration", 1, concerns=ours)
    page = read(head)
    assert "Came in from the LMS" in page
    assert "Course changed" not in page.split("<tbody>")[1]
    assert "an operator of the hub" in page
    assert "7777" not in page
    teacher = name_of(app, school_b)
    assert teacher in page
    assert {row[1] for row in rows(head, person=teacher.split()[0].lower())} == {teacher}
    assert rows(head, person="Nobody") == []


def test_an_operator_reads_all_of_it_without_names(app: Flask, school_b: School, head: FlaskClient) -> None:
    page = read(operator(app))
    assert "Came in from the LMS" in page
    assert name_of(app, school_b) not in page
    number = person_of(app, school_b)
    assert {row[1].split(",")[0] for row in rows(operator(app), person=number)} == {f"Person {number}"}


def test_what_is_looked_for(app: Flask, school_b: School, head: FlaskClient) -> None:
    acts(app, organization_of(app, school_b), person_of(app, school_b), 3)
    assert len(rows(head, verb="edit")) == 3
    assert len(rows(head, thing="course", number=1001)) == 1
    assert rows(head, until="2020-01-01") == []
    assert rows(head, since="2020-01-01", verb="edit")
    assert "Nothing found" in read(head, number="999999999")
    for strange in ({"since": "yesterday"}, {"number": "x" * 40}, {"before": "-1"}, {"until": "9999-12-31"}):
        assert head.get(f"{TOOL}/journal", query_string=strange).status_code == 200


def test_many_lines_come_in_pages_and_cost_no_more(app: Flask, school_b: School, head: FlaskClient) -> None:
    with counted(app) as few:
        read(head)
    acts(app, organization_of(app, school_b), person_of(app, school_b), 120)
    with counted(app) as many:
        page = read(head, verb="edit")
    assert len(many) == len(few) <= 12
    seen, address = page.count("Course changed</td>"), page
    while 'rel="next"' in address:
        link = address.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        address = head.get(f"{TOOL}{link}").text
        seen += address.count("Course changed</td>")
    assert seen == 120


def test_a_cell_is_never_a_formula(app: Flask, school_b: School, head: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        for each in db.session.scalars(db.select(Identity)):
            each.name = "=HYPERLINK(1)"
            each.given_name = each.family_name = ""
    assert any("HYPERLINK" in row[1] for row in rows(head))
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows(head) for cell in row)


def test_nobody_else_reads_it(app: Flask, school_b: School) -> None:
    assert browser(app).get(f"{TOOL}/journal").status_code == 401
    for sub in (TEACHER, PUPIL):
        client = browser(app)
        school_b.launch(client, sub, school_b.add_link(COURSE, "x"))
        in_english(client)
        for path in ("/journal", "/journal/lines.csv"):
            assert client.get(f"{TOOL}{path}").status_code in (403, 404)
