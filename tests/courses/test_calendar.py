"""The calendar at a secret address: only what its owner may see, in UTC, until it is renewed, ended, or access is over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import update
from werkzeug.test import TestResponse

from lti_tool.contexts.models import Membership
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.models import Activity, Participation, SharedCourse
from lti_tool.people.privacy.models import PrivacySetting
from tests.conftest import browser
from tests.courses.authoring import Course
from tests.courses.scene import Person
from tests.courses.test_progress import pupil_id
from tests.factories.coordinators import organization_of
from tests.lms import School
from tests.statements import counted

SOON = datetime(2030, 5, 20, 7, 30, tzinfo=UTC)


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    made = Course(app, school_a, school_b)
    for title in ("Report", "Plain", "Secret"):
        made.add("assignment", title=title, **({"published": ""} if title == "Secret" else {}))
    with app.app_context(), unit_of_work():
        change = update(Activity)
        db.session.execute(change.where(Activity.title != "Plain").values(due_at=SOON))
        opens = {"available_from": SOON - timedelta(days=7)}
        db.session.execute(change.where(Activity.title == "Report").values(**opens))
    meeting = {"begins": "2030-05-21T10:00", "minutes": "45", "room": "link"}
    made.add("live", title="Meeting", address="https://meet.example/x", **meeting)
    return made


def address_of(person: Person) -> str:
    found = re.search(r'value="https://[^/"]+(/calendar/[^"]+\.ics)"', person.get("/calendar").text)
    assert found
    return found[1]


def make(person: Person) -> str:
    assert person.post("/calendar", action="renew").status_code == 303
    return address_of(person)


def fetch(app: Flask, path: str, **headers: str) -> TestResponse:
    """As a program does, without a session."""
    return browser(app).get(f"https://tool.example{path}", headers=headers)


def entries(answer: TestResponse) -> dict[str, tuple[datetime, datetime]]:
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.data)
    return {str(event["SUMMARY"]): (event["DTSTART"].dt, event["DTEND"].dt) for event in calendar.walk("VEVENT")}


def test_the_calendar_holds_what_its_owner_may_see_in_utc(app: Flask, course: Course) -> None:
    assert ".ics" not in course.pupil.get("/calendar").text
    path = make(course.pupil)
    answer = fetch(app, path)
    assert answer.content_type == "text/calendar; charset=utf-8"
    found = entries(answer)
    assert list(found) == ["Opens: Report", "Due: Report", "Meeting"]
    assert found["Due: Report"] == (SOON, SOON)
    begins, ends = found["Meeting"]
    assert begins.utcoffset() == timedelta(0)
    assert ends - begins == timedelta(minutes=45)
    assert "meet.example" not in answer.text
    assert set(entries(fetch(app, make(course.partner)))) == set(found)
    assert set(entries(fetch(app, make(course.host)))) == set(found)
    course.pupil.post("/language", locale="ru")
    assert "Сдать: Report" in entries(fetch(app, path))


def test_a_program_is_told_when_nothing_changed(app: Flask, course: Course) -> None:
    path = make(course.pupil)
    first = fetch(app, path)
    again = fetch(app, path, **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data
    with app.app_context(), unit_of_work():
        db.session.execute(update(Activity).where(Activity.title == "Report").values(title="Essay"))
    changed = fetch(app, path, **{"If-None-Match": first.headers["ETag"]})
    assert "Due: Essay" in entries(changed)


def test_an_address_is_renewed_and_ended(app: Flask, course: Course) -> None:
    old = make(course.pupil)
    new = make(course.pupil)
    assert old != new
    assert fetch(app, old).status_code == 404
    assert fetch(app, new).status_code == 200
    assert fetch(app, new.replace(".ics", "x.ics")).status_code == 404
    assert address_of(course.pupil) == new
    course.pupil.post("/calendar", action="end")
    assert fetch(app, new).status_code == 404
    assert fetch(app, "/calendar/WyJhIl0.abc.ics").status_code == 404


def test_it_empties_with_the_place_and_stops_with_the_consent(app: Flask, course: Course, school_b: School) -> None:
    path = make(course.pupil)
    pupil = pupil_id(app, 2)
    for model, stops, goes_on in (
        (Membership, {"status": "inactive"}, {"status": "active"}),
        (Participation, {"state": "closed"}, {"state": "active"}),
        (SharedCourse, {"state": "draft"}, {"state": "published"}),
    ):
        for values, count in ((stops, 0), (goes_on, 3)):
            with app.app_context(), unit_of_work():
                change = update(model).values(**values)
                change = change.where(Membership.identity_id == pupil) if model is Membership else change
                db.session.execute(change)
            assert len(entries(fetch(app, path))) == count, model
    owner = organization_of(app, school_b)
    with app.app_context(), unit_of_work():
        db.session.add(PrivacySetting(organization_id=owner, requires_consent=True))
    assert fetch(app, path).status_code == 404


def test_statements_do_not_grow(app: Flask, course: Course) -> None:
    path = make(course.pupil)
    fetch(app, path)
    with counted(app) as few:
        fetch(app, path)
    with app.app_context(), unit_of_work():
        now = utcnow()
        db.session.add_all(
            Activity(course_id=1, kind="assignment", title=f"Task {number}", due_at=now + timedelta(days=number))
            for number in range(60)
        )
    with counted(app) as many:
        assert len(entries(fetch(app, path))) == 63
    assert len(many) == len(few) <= 8
