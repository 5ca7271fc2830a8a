"""Registrations by health: the most troubled first, found by what troubles them, with the trouble in words."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from lti_tool.contexts.models import Context, RosterSync
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.grades.models import CLOSES_AFTER, DeliveryLane, LineItem, Score
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import Deployment, DoctorReport, Registration
from tests.factories.joining import TOOL, operator, registration

PAGE = "/operator/registrations"


def context_of(registration_id: int) -> Context:
    deployment = db.session.scalars(db.select(Deployment.id).filter_by(registration_id=registration_id)).first()
    row = Context(registration_id=registration_id, deployment_pk=deployment, lms_id="1")
    db.session.add(row)
    db.session.flush()
    return row


def hold_a_grade(registration_id: int) -> None:
    """A score that waits for a person."""
    person, context = Person(), context_of(registration_id)
    db.session.add(person)
    db.session.flush()
    identity = Identity(
        person_id=person.id, registration_id=registration_id, sub="1", alias_number=1, name="Vera Ivanova"
    )
    column = LineItem(context_id=context.id, resource_id="activity-1", label="Report")
    db.session.add_all([identity, column])
    db.session.flush()
    keys = {"registration_id": registration_id, "line_item_id": column.id, "identity_id": identity.id}
    db.session.add(Score(**keys, given=1, maximum=2, graded_at=utcnow(), state="refused"))


@pytest.fixture
def eight(app: Flask) -> None:
    """1 well, 2 check failed, 3 lane closed, 4 grade held, 5 roster fails, 6 deployment waits, 7 pending, 8 suspended."""
    for number in range(1, 9):
        registration(app, number, name=f"School {number}")
    now = utcnow()
    done = {"asked_at": now, "finished_at": now, "state": "done"}
    failing = [
        {"name": "keys", "verdict": "failed", "code": "unreachable"},
        {"name": "clock", "verdict": "ok", "code": "x"},
    ]
    with app.app_context(), unit_of_work():
        execute(update(Registration).values(last_launch_at=now - timedelta(days=10), product="moodle"))
        execute(update(Registration).where(Registration.id == 1).values(last_launch_at=now, product_version="4.5"))
        execute(update(Registration).where(Registration.id == 7).values(state="pending", last_launch_at=None))
        execute(update(Registration).where(Registration.id == 8).values(state="suspended"))
        db.session.add(DoctorReport(registration_id=1, verdict="ok", **done))
        db.session.add(DoctorReport(registration_id=2, verdict="failed", checks=failing, **done))
        db.session.add(DeliveryLane(id=3, failures=CLOSES_AFTER, troubled_since=now))
        db.session.add(DeliveryLane(id=1, failures=1, troubled_since=now))
        db.session.add(Deployment(registration_id=6, deployment_id="7", state="pending"))
        hold_a_grade(4)
        db.session.add(RosterSync(context_id=context_of(5).id, state="failed", error="unreachable"))
        db.session.add(RosterSync(context_id=context_of(1).id, state="done"))


def shown(app: Flask, query: str = "") -> list[int]:
    page = operator(app).get(f"{TOOL}{PAGE}{query}").text
    return [int(number) for number in re.findall(r'class="fw-semibold" href="/registrations/(\d+)"', page)]


def test_the_most_troubled_come_first(app: Flask, eight: None) -> None:
    assert shown(app) == [7, 2, 3, 4, 5, 6, 1, 8]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("state=suspended", [8]),
        ("verdict=failed", [2]),
        ("verdict=ok", [1]),
        ("verdict=none&state=pending", [7]),
        ("trouble=closed", [3]),
        ("trouble=held", [4]),
        ("trouble=roster", [5]),
        ("trouble=deployments", [6]),
        ("quiet_days=5&verdict=failed", [2]),
        ("quiet_days=5&state=pending", [7]),
        ("quiet_days=5&verdict=ok", []),
        ("quiet_days=-1&verdict=ok", [1]),
        ("product=moodle+4.5", [1]),
        ("product=canvas", []),
        ("search=LMS4.example", [4]),
        ("search=client-6", [6]),
        ("search=school+2", [2]),
        ("trouble=none&verdict=maybe&state=asleep&quiet_days=x&search=school+3", [3]),
    ],
)
def test_found_by_what_troubles_them(app: Flask, eight: None, query: str, numbers: list[int]) -> None:
    assert shown(app, f"?{query}") == numbers


def test_troubles_are_told_in_words_and_name_nobody(app: Flask, eight: None) -> None:
    page = operator(app).get(f"{TOOL}{PAGE}").text
    assert "To look at: Public keys of the LMS</li>" in page
    assert "The LMS takes no grades since" in page
    assert "1 grade waits for somebody to look" in page
    assert "The list of participants of 1 LMS course could not be read" in page
    assert "1 deployment waits" in page
    assert "Ivanova" not in page
