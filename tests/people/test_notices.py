"""What people are told: the bell, its list, the daily mail for who agreed; grades, openings, due dates, seats, answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.assignments.models import Extension
from lti_tool.courses.models import Activity
from lti_tool.courses.telling.jobs import tell_of_activities
from lti_tool.people.models import Identity
from lti_tool.people.notices.models import Notice, NoticeDigest
from lti_tool.people.notices.operations import tell
from tests.courses.authoring import Course
from tests.courses.scene import Person
from tests.courses.test_large_course import add_school
from tests.courses.test_progress import grade, pupil_id
from tests.factories.mail import post_office
from tests.lms import School
from tests.statements import counted

RunJobs = Callable[[], int]


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    return Course(app, school_a, school_b)


def told(person: Person) -> list[str]:
    """The sentences of the bell's page."""
    page = person.get("/notices").text
    return [re.sub(r"<[^>]+>", "", found).strip() for found in re.findall(r"text-start[^>]*>(.*?)</button>", page)]


def bell(person: Person) -> int:
    """How many new notices the bell says."""
    found = re.search(r'class="btn btn-link bell".*?(\d+) new notice', person.get("/courses/1").text)
    return int(found[1]) if found else 0


def test_a_grade_is_told_once_until_it_is_read(app: Flask, course: Course) -> None:
    task = course.add("assignment", title="Report")
    assert told(course.pupil) == []
    assert "No notices" in course.pupil.get("/notices").text
    grade(course, pupil_id(app, 2), task, "7")
    assert bell(course.pupil) == 1
    assert bell(course.own_pupil) == 0
    assert told(course.pupil) == ["You have a grade for “Report” in “Rivers”."]
    course.pupil.post("/language", locale="ru")
    assert told(course.pupil) == ["У вас есть оценка за «Report» в курсе «Rivers»."]
    course.pupil.post("/language", locale="en")
    again = {"points": "8", "comment": "", "version": "1"}
    course.host.post(f"/courses/activities/{task}/works/{pupil_id(app, 2)}", **again)
    assert len(told(course.pupil)) == 1
    assert course.own_pupil.post("/notices/1").status_code == 404
    assert course.host.post("/notices/1").status_code == 404
    followed = course.pupil.post("/notices/1")
    assert followed.status_code == 303
    assert followed.location.endswith(f"/courses/activities/{task}")
    assert bell(course.pupil) == 0
    assert len(told(course.pupil)) == 1
    course.host.post(f"/courses/activities/{task}/works/{pupil_id(app, 2)}", **again | {"points": "9", "version": "2"})
    assert bell(course.pupil) == 1
    assert course.pupil.post("/notices/read", until="yesterday").status_code == 400
    assert course.pupil.post("/notices/read", until=utcnow().isoformat()).status_code == 303
    assert bell(course.pupil) == 0


def test_openings_and_due_dates_are_told_in_groups_and_once(app: Flask, course: Course) -> None:
    now = utcnow()
    for title in ("One", "Two", "Three", "Hidden", "Later", "Old"):
        course.add("assignment", title=title, **({"published": ""} if title == "Hidden" else {}))
    with app.app_context(), unit_of_work():
        change = update(Activity)
        db.session.execute(change.where(Activity.title == "Later").values(available_from=now + timedelta(days=3)))
        db.session.execute(change.where(Activity.title == "Old").values(created_at=now - timedelta(days=3)))
        db.session.execute(change.where(Activity.title == "Two").values(due_at=now + timedelta(hours=20)))
    course.hand_in(course.own_pupil, 2)
    for _time in range(2):
        with app.app_context(), unit_of_work():
            tell_of_activities()
    assert told(course.pupil) == ["“Two” in “Rivers” is due soon.", "3 activities have opened in “Rivers”."]
    assert told(course.own_pupil) == ["3 activities have opened in “Rivers”."]
    assert told(course.partner) == []
    with time_machine.travel(now + timedelta(days=3, minutes=1)), app.app_context(), unit_of_work():
        tell_of_activities()
        found = db.session.execute(select(Notice.number, Notice.facts).where(Notice.kind == "course.opened")).all()
    assert {row[0] for row in found} == {4}


def test_who_has_more_time_is_told_by_the_own_date(app: Flask, course: Course) -> None:
    task, now = course.add("assignment", title="Essay"), utcnow()
    pupil, own = pupil_id(app, 2), pupil_id(app, 1)
    host = {"given_by_id": own, "reason": "Ill"}
    with app.app_context(), unit_of_work():
        closes = {"due_at": now + timedelta(hours=2), "available_until": now + timedelta(hours=3)}
        db.session.execute(update(Activity).where(Activity.id == task).values(**closes))
        later = {"activity_id": task, "identity_id": pupil, "due_at": now + timedelta(days=3)}
        db.session.add(Extension(**later, **host))
    for _twice in range(2):
        with app.app_context(), unit_of_work():
            tell_of_activities()
    assert told(course.own_pupil)[0] == "“Essay” in “Rivers” is due soon."
    assert told(course.pupil) == ["“Essay” has opened in “Rivers”."]
    with time_machine.travel(now + timedelta(days=2, hours=5)), app.app_context(), unit_of_work():
        for _twice in range(2):
            with counted(app) as few:
                tell_of_activities()
        numbers = db.session.execute(select(Notice.identity_id, Notice.number).where(Notice.kind == "course.due"))
        assert sorted(numbers.tuples()) == sorted([(own, 1), (pupil, 1)])
    assert told(course.pupil)[0] == "“Essay” in “Rivers” is due soon."
    with app.app_context(), unit_of_work():
        add_school(1, 500, 12)
        ids = db.session.scalars(select(Identity.id).where(Identity.sub.in_([str(100 + one) for one in range(12)])))
        for number, ident in enumerate(ids):
            given = {"activity_id": task, "identity_id": ident, "due_at": now + timedelta(days=3, minutes=number)}
            db.session.add(Extension(**given, **host))
    with time_machine.travel(now + timedelta(days=2, hours=5)), app.app_context(), unit_of_work():
        with counted(app) as many:
            tell_of_activities()
        assert db.session.scalar(select(func.count()).where(Notice.kind == "course.due")) == 14
    assert len(many) == len(few)


def test_who_agreed_gets_one_mail_a_day_and_no_name_in_it(app: Flask, course: Course, run_jobs: RunJobs) -> None:
    task = course.add("assignment", title="Report")
    assert "sends no mail" in course.pupil.get("/notices").text
    assert course.pupil.post("/notices/mail", daily="1").status_code == 409
    with post_office() as office:
        settings = app.extensions["settings"]
        app.extensions["settings"] = replace(settings, mail=office.server)
        with app.app_context(), unit_of_work():
            db.session.execute(update(Identity).values(email=""))
        assert course.pupil.post("/notices/mail", daily="1").status_code == 409
        with app.app_context(), unit_of_work():
            db.session.execute(update(Identity).values(email="pupil@school.example"))
        assert "Send me one mail a day" in course.pupil.get("/notices").text
        for _twice in range(2):
            assert course.pupil.post("/notices/mail", daily="1").status_code == 303
        grade(course, pupil_id(app, 2), task, "7")
        grade(course, pupil_id(app, 1), task, "7")
        _tomorrow(app)
        run_jobs()
        assert [message["To"] for message in office.messages] == ["pupil@school.example"]
        text = office.messages[0].get_content()
        assert "You have a grade for “Report” in “Rivers”." in text
        _tomorrow(app)
        run_jobs()
        assert len(office.messages) == 1
        assert course.pupil.post("/notices/mail").status_code == 303
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(NoticeDigest)) == 0


def _tomorrow(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(NoticeDigest).values(due_at=utcnow()))


def test_the_bell_costs_no_statement_and_the_list_is_paged(app: Flask, course: Course) -> None:
    task = course.add("assignment", title="Report")
    pupil = pupil_id(app, 2)
    course.pupil.get("/notices")
    with counted(app) as few:
        course.pupil.get("/notices")
    with app.app_context(), unit_of_work():
        for number in range(60):
            facts = {"activity": task, "title": f"Task {number}", "title_of_course": "Rivers"}
            tell([pupil], "course.graded", f"x-{number}", facts)
    with counted(app) as many:
        page = course.pupil.get("/notices?page=3").text
    assert len(many) == len(few)
    assert page.count("You have a grade") == 10


def test_a_course_says_what_is_new_since_the_last_visit(app: Flask, course: Course) -> None:
    course.add("assignment", title="First")
    page = course.pupil.get("/courses/1").text
    assert "/courses/1/visited" in page
    assert "New since your last visit" not in page
    assert course.pupil.post("/courses/1/visited").status_code == 204
    late = utcnow() + timedelta(hours=1)
    with time_machine.travel(late):
        task = course.add("assignment", title="Second")
        grade(course, pupil_id(app, 2), 1, "7")
        for _again in range(2):  # it stays new for the whole visit
            page = course.pupil.get("/courses/1").text
            new = page[page.index("New since your last visit") : page.index("<h2>Contents")]
            assert f"/courses/activities/{task}" in new
            assert "First</a>" in new
            course.pupil.post("/courses/1/visited")
    with time_machine.travel(late + timedelta(hours=1)):
        assert "New since your last visit" not in course.pupil.get("/courses/1").text
