"""A certificate from the host's rules to a stranger who checks it: in Russian and wide, in English on a phone."""

from __future__ import annotations

import re

from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.models import Activity, CourseTeacher, Grade, Participation, SharedCourse, Submission
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration
from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER, School

TITLE = "Леса края"


def _of(school: School, person: int) -> Identity:
    statement = select(Identity).join(Registration).where(Registration.issuer == school.url)
    return db.session.scalars(statement.where(Identity.sub == str(person))).one()


def _fill(tool: Flask, host: School, home: School) -> str:
    """A course of both schools in which the pupil has done what there is to do; the pupil's family name."""
    now = utcnow()
    with tool.test_request_context(), unit_of_work():
        teacher, pupil = _of(host, TEACHER), _of(home, PUPIL)
        course = SharedCourse(
            organization_id=teacher.registration.organization_id, title=TITLE, join_code="LESAKRAYA", state="published"
        )
        db.session.add(course)
        db.session.flush()
        db.session.add(CourseTeacher(course_id=course.id, identity_id=teacher.id))
        places = select(Context).join(Registration).where(Context.lms_id == str(COURSE))
        contexts = [db.session.scalars(places.where(Registration.issuer == one.url)).one() for one in (host, home)]
        classes = [Participation(course_id=course.id, context_id=one.id, joined_by_id=teacher.id) for one in contexts]
        task = Activity(course=course, kind="assignment", title="Карта леса", points=10)
        db.session.add_all([*classes, task])
        db.session.flush()
        values = {"activity_id": task.id, "identity_id": pupil.id, "participation_id": classes[1].id}
        db.session.add(Submission(**values, handed_in_at=now, done_at=now, version=1))
        db.session.add(Grade(**values, points=8, graded_at=now, version=1))
        return pupil.family_name


def test_a_certificate_is_issued_printed_and_checked(open_browser: OpenBrowser, town: Town) -> None:
    links = {school: school.add_link(COURSE, "Together", graded=False) for school in (town.school, town.other)}
    host, phone = open_browser(locale="ru-RU"), open_browser(width=375, locale="en-GB")
    enter(host, town.other, TEACHER, links[town.other])[1].get_by_role("heading", level=1).wait_for()
    enter(phone, town.school, PUPIL, links[town.school])[1].get_by_role("heading", level=1).wait_for()
    town.run_jobs()
    family = _fill(town.tool, town.other, town.school)

    page, frame = enter(host, town.other, TEACHER, links[town.other])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    frame.get_by_text("Ещё", exact=True).click()
    follow(frame, frame.get_by_role("link", name="Сертификаты"))
    look(frame, page, "Сертификаты", "ru-certificates-none")
    follow(frame, frame.get_by_role("link", name="Задать правила"))
    frame.get_by_label("Наименьший процент баллов").fill("70")
    frame.get_by_label("Часы").fill("36")
    frame.get_by_label("Часть программы").fill("Модуль «Экосистемы» программы по биологии, 8 класс")
    frame.get_by_label("Кто подписывает").fill("Н. П. Лесникова, директор")
    look(frame, page, "Правила выдачи", "ru-certificate-rules")
    follow(frame, frame.get_by_role("button", name="Сохранить"))
    look(frame, page, "Сертификаты", "ru-certificates")
    frame.get_by_role("button", name="Выдать 1 сертификат").click()
    follow(frame, frame.get_by_role("dialog").get_by_role("button", name="Да"))
    expect(frame.get_by_text("Выдан 1 сертификат")).to_be_visible()
    look(frame, page, "Сертификаты", "ru-certificates-issued")

    page, frame = enter(phone, town.school, PUPIL, links[town.school])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Certificate", exact=True))
    look(frame, page, "Certificate", "en-my-certificate-375")
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True).last)
    look(frame, page, "Certificate", "en-certificate-375")
    address = frame.get_by_label("Address of the public page").input_value()
    follow(frame, frame.get_by_role("link", name="Sheet to print"))
    follow(frame, frame.get_by_role("link", name="English").first)
    expect(frame.get_by_text(family).last).to_be_visible()
    look(frame, page, "Certificate", "en-certificate-sheet-375")

    stranger = open_browser(locale="en-GB", width=375)
    page = stranger.new_page()
    page.goto(address)
    look(page, page, "Certificate", "en-certificate-check-375")
    expect(page.get_by_text("This certificate is valid")).to_be_visible()
    expect(page.get_by_text(family)).to_have_count(0)
    assert not stranger.cookies()
    page.get_by_role("link", name="Check another one").click()
    page.get_by_label("Number of the certificate").fill("no such number")
    page.get_by_role("button", name="Check").click()
    look(page, page, "Check a certificate", "en-certificate-lookup-375")
    expect(page.get_by_text("No certificate has this number")).to_be_visible()
    page.get_by_label("Number of the certificate").fill(address.rpartition("/")[2].lower())
    page.get_by_role("button", name="Check").click()
    expect(page).to_have_url(re.compile(re.escape(address.rpartition("/")[2])))
