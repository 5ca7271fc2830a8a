"""Progress, notices and the calendar's address, in the frame of the own LMS: for the host, a home teacher, and a pupil."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.models import Activity, CourseTeacher, Grade, Participation, SharedCourse, Submission
from lti_tool.courses.operations.grading import tell_graded
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration
from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER, School

TITLE = "Озёра края"


def context_of(school: School) -> Context:
    statement = select(Context).join(Registration).where(Registration.issuer == school.url)
    return db.session.scalars(statement.where(Context.lms_id == str(COURSE))).one()


def identity_of(school: School, person: int) -> Identity:
    statement = select(Identity).join(Registration).where(Registration.issuer == school.url)
    return db.session.scalars(statement.where(Identity.sub == str(person))).one()


def _fill(tool: Flask, host: School, home: School) -> None:
    """A course of both schools with work done, graded, overdue and to come."""
    now = utcnow()
    with tool.test_request_context(), unit_of_work():
        teacher, pupil = identity_of(host, TEACHER), identity_of(home, PUPIL)
        organization = teacher.registration.organization_id
        course = SharedCourse(organization_id=organization, title=TITLE, join_code="OZERA", state="published")
        db.session.add(course)
        db.session.flush()
        db.session.add(CourseTeacher(course_id=course.id, identity_id=teacher.id))
        classes = [
            Participation(course_id=course.id, context_id=context_of(school).id, joined_by_id=teacher.id)
            for school in (host, home)
        ]
        tasks = [
            Activity(course=course, kind="assignment", title=title, points=10, due_at=now + timedelta(days=days))
            for title, days in (("Карта берегов", -9), ("Проба воды", -2), ("Доклад о рыбах", 3))
        ]
        db.session.add_all([*classes, *tasks])
        db.session.flush()
        for member in db.session.scalars(select(Membership)):
            member.created_at = now - timedelta(days=30)
        values = {"activity_id": tasks[0].id, "identity_id": pupil.id, "participation_id": classes[1].id}
        db.session.add(Submission(**values, handed_in_at=now, done_at=now, version=1))
        db.session.add(Grade(**values, points=8, graded_at=now, version=1))
        tell_graded([pupil.id], tasks[0])


def test_progress_notices_and_calendar(open_browser: OpenBrowser, town: Town) -> None:
    links = {school: school.add_link(COURSE, "Together", graded=False) for school in (town.school, town.other)}
    host, partner = open_browser(locale="ru-RU"), open_browser(locale="en-GB", width=375)
    phone = open_browser(width=375, locale="en-GB")
    enter(host, town.other, TEACHER, links[town.other])[1].get_by_role("heading", level=1).wait_for()
    enter(partner, town.school, TEACHER, links[town.school])[1].get_by_role("heading", level=1).wait_for()
    enter(phone, town.school, PUPIL, links[town.school])[1].get_by_role("heading", level=1).wait_for()
    town.run_jobs()
    _fill(town.tool, town.other, town.school)

    page, frame = enter(host, town.other, TEACHER, links[town.other])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Успехи"))
    look(frame, page, "Успехи", "ru-progress-schools")
    follow(frame, frame.get_by_role("link", name="Ученики", exact=True))
    look(frame, page, "Успехи учеников", "ru-progress-pupils")
    follow(frame, frame.get_by_role("link", name="Раннее предупреждение"))
    look(frame, page, "Раннее предупреждение", "ru-progress-warnings")

    page, frame = enter(partner, town.school, TEACHER, links[town.school])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Progress"))
    look(frame, page, "Progress of pupils", "en-progress-pupils-375")
    follow(frame, frame.get_by_role("link", name="Early warning"))
    look(frame, page, "Early warning", "en-progress-warnings-375")

    page, frame = enter(phone, town.school, PUPIL, links[town.school])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    look(frame, page, TITLE, "en-course-pupil-375")
    follow(frame, frame.get_by_role("link", name="My progress"))
    look(frame, page, "My progress", "en-my-progress-375")
    follow(frame, frame.get_by_role("link", name=re.compile("new notice")))
    look(frame, page, "Notices", "en-notices-375")
    follow(frame, frame.get_by_role("link", name="My calendar"))
    follow(frame, frame.get_by_role("button", name="Make a secret address"))
    look(frame, page, "My calendar", "en-calendar-375")
    assert frame.get_by_label("Secret address of your calendar").input_value().endswith(".ics")
    follow(frame, frame.get_by_role("link", name=re.compile("new notice")))
    follow(frame, frame.get_by_role("button", name="You have a grade for “Карта берегов”"))
    expect(frame.get_by_role("link", name="Notices")).to_be_visible()
