"""Guardians' consent, ticked class by class by the coordinator or a teacher who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.people.privacy.models import PrivacyEvent
from tests.factories.coordinators import coordinator, organization_of, person_of
from tests.factories.joining import TOOL
from tests.factories.privacy import agree, choose, come, statements, token
from tests.lms import ASSISTANT, OTHER_COURSE, PUPIL, SECOND_TEACHER, TEACHER, School

CLASS = f"{TOOL}/contexts/1/guardians"


@pytest.fixture
def owner(app: Flask, school_b: School) -> int:
    return organization_of(app, school_b)


@pytest.fixture
def head(app: Flask, school_b: School, run_jobs: Callable[[], int]) -> FlaskClient:
    """The coordinator of a school whose class has been read from its LMS."""
    client = coordinator(app, school_b)
    run_jobs()
    return client


def tick(client: FlaskClient, people: list[int], **more: object) -> str:
    data = {"csrf_token": token(client), "person": people, "agreed": "yes", **more}
    answer = client.post(CLASS, data=data, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def boxes(text: str) -> list[int]:
    return [int(part.partition('"')[0]) for part in text.split('name="person" value="')[1:]]


def test_a_pupil_waits_until_the_school_has_confirmed(
    app: Flask, school_b: School, head: FlaskClient, owner: int
) -> None:
    choose(head, owner, guardian="y", contact="Room 3")
    pupil, page = come(app, school_b, PUPIL)
    waits = agree(pupil, page)
    assert "parent or guardian" in waits.text
    assert "Room 3" in waits.text
    assert "wait for the guardian" in head.get(f"{TOOL}/organizations/{owner}/privacy/people?state=guardian").text
    teacher, page = come(app, school_b, SECOND_TEACHER, OTHER_COURSE)
    assert agree(teacher, page).request.path == "/"  # only pupils wait
    person = person_of(app, school_b, PUPIL)
    assert "Changed for 1 pupil." in tick(head, [person], basis="no. 14")
    assert pupil.get(f"{TOOL}/").status_code == 200
    assert "Changed for 0 pupils." in tick(head, [person])
    assert "Changed for 1 pupil." in tick(head, [person], agreed="no")
    assert pupil.get(f"{TOOL}/").status_code == 303
    with app.app_context():
        rows = db.session.scalars(select(PrivacyEvent).filter_by(person_id=person).order_by(PrivacyEvent.id)).all()
        told = [(row.kind, row.basis) for row in rows]
    assert told == [("given", ""), ("guardian_confirmed", "no. 14"), ("guardian_revoked", "")]
    history = head.get(f"{TOOL}/organizations/{owner}/privacy/people/{person}").text
    assert "no. 14" in history


def test_a_whole_class_before_anybody_came(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    choose(head, owner, guardian="y")
    listed = head.get(CLASS).text
    people = boxes(listed)
    assert len(people) > 25
    assert f"Changed for {len(people)} pupils." in tick(head, people)
    assert f"{len(people)} of {len(people)} confirmed" in head.get(f"{TOOL}/organizations/{owner}/privacy/classes").text
    assert "Nobody found" in head.get(f"{CLASS}?which=missing").text
    assert len(boxes(head.get(f"{CLASS}?which=confirmed").text)) == len(people)
    pupil, page = come(app, school_b, PUPIL)
    assert agree(pupil, page).request.path == "/"


def test_pupils_are_found_by_name(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    choose(head, owner, guardian="y")
    come(app, school_b, PUPIL)
    person = person_of(app, school_b, PUPIL)
    text = head.get(CLASS).text
    name = text.split(f'for="person-{person}">')[1].partition("<")[0]
    found = boxes(head.get(CLASS, query_string={"name": name.lower()}).text)
    assert found == [person]
    people = head.get(f"{TOOL}/organizations/{owner}/privacy/people", query_string={"name": name.lower()})
    assert "1 person found" in people.text
    assert "Nobody found" in head.get(f"{CLASS}?name=%00%25").text


def test_teachers_confirm_only_if_allowed_and_only_in_their_own_class(
    app: Flask, school_b: School, head: FlaskClient, owner: int
) -> None:
    choose(head, owner, guardian="y")
    (teacher, page), (beside, other_page) = (
        come(app, school_b, ASSISTANT),
        come(app, school_b, SECOND_TEACHER, OTHER_COURSE),
    )
    agree(teacher, page)
    agree(beside, other_page)
    pupil, _page = come(app, school_b, PUPIL)
    person = person_of(app, school_b, PUPIL)
    listed = f"{TOOL}/contexts/1/participants"
    assert teacher.get(CLASS).status_code == 404
    assert "/contexts/1/guardians" not in teacher.get(listed).text
    choose(head, owner, guardian="y", teachers_confirm="y")
    assert "/contexts/1/guardians" in teacher.get(listed).text
    assert "Changed for 1 pupil." in tick(teacher, [person])
    assert pupil.get(CLASS).status_code == 303  # held
    agree(pupil, pupil.get(f"{TOOL}/", follow_redirects=True))
    for client in (beside, pupil):
        assert client.get(CLASS).status_code == 404
        assert client.post(CLASS, data={"csrf_token": token(client), "person": [person]}).status_code == 404
    assert teacher.get(f"{TOOL}/organizations/{owner}/privacy/classes").status_code == 404


def test_only_pupils_of_that_class_can_be_ticked(
    app: Flask, school_a: School, school_b: School, head: FlaskClient, owner: int
) -> None:
    choose(head, owner, guardian="y")
    come(app, school_a, PUPIL)
    others = [person_of(app, school_a, PUPIL), person_of(app, school_b, TEACHER), 99999, 0]
    assert "Changed for 0 pupils." in tick(head, others)
    foreign = coordinator(app, school_a)
    assert foreign.get(CLASS).status_code == 404
    assert foreign.post(CLASS, data={"csrf_token": token(foreign), "person": others}).status_code == 404
    assert head.get(f"{TOOL}/contexts/{2**70}/guardians").status_code == 404


def test_there_is_no_list_where_no_guardian_is_asked(
    app: Flask, school_b: School, head: FlaskClient, owner: int
) -> None:
    assert head.get(CLASS).status_code == 404
    choose(head, owner)
    assert head.get(CLASS).status_code == 404


def test_as_many_statements_for_sixty_as_for_one(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    choose(head, owner, guardian="y")
    people = boxes(head.get(CLASS).text)
    one = statements(app, lambda: tick(head, people[:1]))
    many = statements(app, lambda: tick(head, people[1:]))
    assert many == one
    assert statements(app, lambda: head.get(CLASS)) <= 12
    for path in ("", "/people", "/classes", f"/people/{people[0]}"):
        assert statements(app, lambda path=path: head.get(f"{TOOL}/organizations/{owner}/privacy{path}")) <= 12
