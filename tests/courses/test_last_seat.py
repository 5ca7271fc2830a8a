"""Two at once for the last seat: exactly one gets it."""

from __future__ import annotations

from threading import Barrier, Thread

from flask import Flask

from lti_tool.core.db import db, unit_of_work
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.courses.seats.models import SeatRequest
from lti_tool.courses.seats.operations.offering import SeatRules, set_seat_rules
from lti_tool.courses.seats.operations.requests import ask_for_seats
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from tests.courses.scene import Person
from tests.lms import OTHER_COURSE, TEACHER, School


def test_two_requests_for_the_last_seat(app: Flask, school_a: School, school_b: School) -> None:
    host = Person(app, school_a, TEACHER)
    host.post("/courses/new", title="Volga", description="", language="en", action="save")
    host.post("/courses/1/sharing", action="publish")
    contexts = [Person(app, school_b, TEACHER).context, Person(app, school_b, TEACHER, OTHER_COURSE).context]
    with app.test_request_context(), unit_of_work():
        course = db.session.get_one(SharedCourse, 1)
        rules = SeatRules(limited=True, reserve=1, accept_automatically=True, add_until=None, drop_until=None)
        set_seat_rules(actor=_teacher(1), course=course, seen=0, rules=rules, quotas={})
    start, faults = Barrier(2), []

    def ask(context_id: int) -> None:
        with app.test_request_context():
            actor = _teacher(2)
            db.session.rollback()
            start.wait(timeout=30)
            try:
                with unit_of_work():
                    course = db.session.get_one(SharedCourse, 1)
                    ask_for_seats(actor=actor, course=course, context_id=context_id, seats=1)
            except Exception as fault:
                faults.append(fault)

    threads = [Thread(target=ask, args=(context_id,)) for context_id in contexts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    with app.app_context():
        assert sorted(db.session.scalars(db.select(SeatRequest.state))) == ["accepted", "approved"]
        assert list(db.session.scalars(db.select(Participation.held))) == [1]


def _teacher(registration_id: int) -> Actor:
    statement = db.select(Identity).where(Identity.registration_id == registration_id, Identity.sub == str(TEACHER))
    found = db.session.scalars(statement).one()
    return Actor(
        person_id=found.person_id,
        identity_id=found.id,
        registration_id=registration_id,
        organization_id=found.registration.organization_id,
    )
