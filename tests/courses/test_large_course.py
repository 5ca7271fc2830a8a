"""A course of twelve schools and 1,500 pupils: places are given in as many statements as for a few."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import event, insert

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db, table_of, unit_of_work, utcnow
from lti_tool.courses.groups.operations import Wanted, make_grouping
from lti_tool.courses.groups.queries import arranged
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.courses.pupils import pupil_places
from lti_tool.courses.seats.models import SEATED, WAITING, Offering, Seat
from lti_tool.courses.seats.operations.settling import settle
from lti_tool.courses.seats.queries.places import line_of_course, schools_seats
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import Deployment, Registration
from tests.factories.coordinators import organization_of
from tests.lms import School


@pytest.fixture
def course(app: Flask, school_a: School) -> int:
    """A course with seat rules and no class yet."""
    host = organization_of(app, school_a)
    with app.app_context(), unit_of_work():
        made = SharedCourse(organization_id=host, title="Volga", join_code="VOLGA", state="published")
        db.session.add(made)
        db.session.flush()
        db.session.add(Offering(course_id=made.id, limited=True, reserve=1000))
        return made.id


def add_school(course_id: int, number: int, pupils: int) -> None:
    """A school with one class of so many pupils."""
    now = utcnow()
    school = Organization(name=f"School {number}", type="school", department="Education")
    db.session.add(school)
    db.session.flush()
    model = db.session.scalars(db.select(Registration)).first()
    assert model is not None
    columns = {each.key: getattr(model, each.key) for each in Registration.__table__.columns if each.key != "id"}
    unique = {"issuer": f"https://school{number}.example", "client_id": f"client-{number}"}
    registration = Registration(**{**columns, "organization_id": school.id, **unique})
    db.session.add(registration)
    db.session.flush()
    deployment = Deployment(registration_id=registration.id, deployment_id="1", state="active")
    db.session.add(deployment)
    db.session.flush()
    context = Context(registration_id=registration.id, deployment_pk=deployment.id, lms_id="2", title="8b")
    teacher = Identity(registration_id=registration.id, sub="3", alias_number=1, person=Person())
    people = [
        Identity(registration_id=registration.id, sub=str(100 + one), alias_number=100 + one, person=Person())
        for one in range(pupils)
    ]
    db.session.add_all([context, teacher, *people])
    db.session.flush()
    db.session.add(Participation(course_id=course_id, context_id=context.id, joined_by_id=teacher.id))
    rows = [
        {
            "context_id": context.id,
            "identity_id": one.id,
            "roster_role": "learner",
            "roster_roles": [],
            "home_groups": [],
            "status": "active",
            "created_at": now,
        }
        for one in people
    ]
    db.session.execute(insert(table_of(Membership)), rows)


def statements(act: Callable[[], object]) -> int:
    """How many statements the call sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(sent)


def test_statements_do_not_grow_with_schools_and_pupils(app: Flask, course: int) -> None:
    counts = []
    for schools, pupils in ((1, 12), (11, 136)):
        with app.app_context(), unit_of_work():
            first = db.session.scalar(db.select(db.func.count(Organization.id))) or 0
            for number in range(schools):
                add_school(course, first + number, pupils)
        with app.test_request_context(), unit_of_work():
            offering = db.session.scalars(db.select(Offering)).one()
            _ = offering.course.organization
            counts.append(
                (
                    statements(lambda: settle(course)),
                    statements(partial(schools_seats, offering)),
                    statements(lambda: db.session.scalars(line_of_course(course)).all()),
                )
            )
    assert counts[0] == counts[1]
    assert counts[1][0] <= 16
    with app.test_request_context(), unit_of_work():
        states = dict(db.session.execute(db.select(Seat.state, db.func.count()).group_by(Seat.state)).tuples().all())
        assert states == {SEATED: 1000, WAITING: 508}
        assert db.session.scalar(db.select(db.func.count()).select_from(pupil_places(course))) == 1000
        line = list(db.session.scalars(db.select(Seat.line).where(Seat.state == WAITING).order_by(Seat.line)))
        assert line == sorted(set(line))
        shared = db.session.get_one(SharedCourse, course)
        by = db.session.scalars(db.select(Identity)).first()
        assert by is not None
        actor = Actor(person_id=by.person_id, identity_id=by.id)
        made = make_grouping(actor=actor, course=shared, wanted=Wanted("Teams", "random", number=100))
        sizes = {len(members) for _group, members in arranged(made).groups}
        assert sizes == {10}
