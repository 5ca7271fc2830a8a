"""The coordinator's pages: what waits, given and received, courses, teachers, health; with one row and with many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_tool.agreements import operations
from lti_tool.agreements.queries import today
from lti_tool.agreements.terms import Contribution, Terms
from lti_tool.contexts.models import Context, Membership, RosterSync
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.people.models import Person as Human
from tests.courses.scene import Person
from tests.factories.agreements import agreement
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.joining import TOOL, organization
from tests.lms import ADMIN, PUPIL, TEACHER, School
from tests.statements import counted

PAGES = ("/school", "/school/partners", "/school/courses", "/school/teachers", "/school/health", "/agreements")


@pytest.fixture
def two(app: Flask, school_a: School, school_b: School) -> tuple[int, int]:
    return organization_of(app, school_a), organization_of(app, school_b)


@pytest.fixture
def head(app: Flask, school_b: School, two: tuple[int, int]) -> FlaskClient:
    """The coordinator of B."""
    return coordinator(app, school_b)


def read(client: FlaskClient, path: str) -> str:
    page = client.get(f"{TOOL}{path}")
    assert page.status_code == 200, page.text
    return page.text


def test_a_new_coordinator_sees_where_to_begin(head: FlaskClient) -> None:
    assert "Nothing waits." in read(head, "/school")
    assert "No agreement in force" in read(head, "/school/partners")
    assert "No shared course yet" in read(head, "/school/courses")
    assert "All is well" in read(head, "/school/health?show=troubled")
    assert "Our organization in the network" in read(head, "/")


def test_what_waits(app: Flask, head: FlaskClient, two: tuple[int, int], school_b: School) -> None:
    agreement(app, *two, last=today() + timedelta(days=10))
    with app.test_request_context(), unit_of_work():
        person = Human()
        db.session.add(person)
        db.session.flush()
        brought = dict.fromkeys(two, Contribution())
        author = Actor(person_id=person.id, organization_id=two[0], coordinates=True)
        made = operations.draft(actor=author, terms=Terms(title="Robots next year", contributions=brought))
        operations.propose(actor=author, agreement=made, seen=made.version)
    administrator = Person(app, school_b, ADMIN)
    administrator.post("/coordinators/ask")
    page = read(head, "/school")
    assert "Robots next year" in page
    assert "sign or decline" in page
    assert "ends soon" in page
    assert "1 person asks to be a coordinator" in page


def test_seats_and_guests_both_ways(
    app: Flask, head: FlaskClient, two: tuple[int, int], school_a: School, school_b: School
) -> None:
    agreement(app, *two, seats=20)
    host, partner = Person(app, school_a, TEACHER), Person(app, school_b, TEACHER)
    host.post("/courses/new", title="Volga", description="", language="en", action="save")
    host.post("/courses/1/sharing", action="publish")
    with app.app_context():
        code = db.session.get_one(SharedCourse, 1).join_code
    partner.post(f"/courses/join/{partner.context}", code=code)
    for number in (PUPIL, PUPIL + 1):
        Person(app, school_b, number)
    page = read(head, "/school")
    assert "2 of 20 taken" in page
    assert "0 of 20 taken" in page
    given = read(head, "/school/partners")
    assert "Школа № 12 gives" in given
    assert "2 of our pupils are in its courses" in given
    course = read(head, "/school/courses")
    assert "Volga" in course
    assert "2</td>" in course


def test_teachers_and_where_they_teach(app: Flask, head: FlaskClient, school_a: School) -> None:
    Person(app, school_a, TEACHER)
    page = read(head, "/school/teachers")
    with app.app_context():
        names = {
            each.registration.organization.name: each.name for each in db.session.scalars(db.select(Identity)).unique()
        }
    assert names["Riverside School"] in page
    assert names["Школа № 12"] not in page
    assert "Nothing found" in read(head, "/school/teachers?search=nobody+of+that+name")


def test_trouble_is_found(app: Flask, head: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        place = db.session.scalars(db.select(Context)).unique().one()
        roster = (
            db.session.scalars(db.select(RosterSync).where(RosterSync.context_id == place.id)).unique().one_or_none()
        )
        if roster is None:
            roster = RosterSync(context_id=place.id, due_at=utcnow())
            db.session.add(roster)
        roster.error = "status_403"
    assert "does not let the tool read" in read(head, "/school/health?show=troubled")


def test_nobody_else_enters(app: Flask, school_b: School, two: tuple[int, int]) -> None:
    teacher, pupil, stranger = Person(app, school_b, TEACHER), Person(app, school_b, PUPIL), Person(app, None)
    for path in PAGES:
        assert teacher.get(path).status_code == 404
        assert pupil.get(path).status_code == 404
        assert stranger.get(path).status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_as_many_statements_for_many_as_for_one(app: Flask, head: FlaskClient, two: tuple[int, int], path: str) -> None:
    _fill(app, two, 1)
    with counted(app) as few:
        read(head, path)
    _fill(app, two, 30)
    with counted(app) as many:
        read(head, path)
    assert len(few) == len(many) <= 12, many


def _fill(app: Flask, two: tuple[int, int], count: int) -> None:
    """So many partners, courses, classes and teachers more."""
    for _number in range(count):
        agreement(app, two[1], organization(app, f"School {_number + count * 100}"), last=today() + timedelta(days=9))
    with app.app_context(), unit_of_work():
        place = db.session.scalars(db.select(Context).limit(1)).unique().one()
        teacher = db.session.scalars(db.select(Identity).limit(1)).unique().one()
        for number in range(count):
            _class(place, teacher, two[1], number + count * 100)


def _class(place: Context, teacher: Identity, organization_id: int, number: int) -> None:
    values: dict[str, Any] = {
        "deployment_pk": place.deployment_pk,
        "registration_id": place.registration_id,
        "lms_id": f"x{number}",
        "title": f"Class {number}",
    }
    context = Context(**values)
    person = Identity(
        registration_id=place.registration_id, sub=f"x{number}", alias_number=1000 + number, person=Human()
    )
    course = SharedCourse(organization_id=organization_id, title=f"Course {number}", join_code=f"X{number}")
    db.session.add_all([context, person, course])
    db.session.flush()
    db.session.add(Membership(context_id=context.id, identity_id=person.id, launch_role="teacher"))
    db.session.add(Participation(course_id=course.id, context_id=context.id, joined_by_id=teacher.id))
    db.session.add(RosterSync(context_id=context.id, due_at=utcnow()))
