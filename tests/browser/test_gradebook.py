"""The gradebook: the host grades by keyboard and gives one answer for many, on a wide screen in Russian; an invited tutor
of the partner excuses a pupil on a phone, in English."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from playwright.sync_api import Frame, Page, expect

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.assignments.models import Assignment
from lti_tool.courses.models import Activity, CourseTeacher, Participation, SharedCourse, Submission
from lti_tool.courses.staff.models import ACCEPTED, CourseTutor
from lti_tool.courses.staff.models import GRADE as MAY_GRADE
from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look, shot
from tests.browser.servers import Town
from tests.browser.test_progress import context_of, identity_of
from tests.lms import COURSE, PUPIL, TEACHER, School

TITLE = "Болота и люди"
TASKS = ("Карта болот", "Проба торфа", "Опрос соседей")


def test_gradebook_by_keyboard_and_on_a_phone(open_browser: OpenBrowser, town: Town) -> None:
    links = {school: school.add_link(COURSE, "Together", graded=False) for school in (town.school, town.other)}
    host, tutor = open_browser(locale="ru-RU"), open_browser(locale="en-GB", width=375)
    for browser, school in ((host, town.other), (tutor, town.school)):
        enter(browser, school, TEACHER, links[school])[1].get_by_role("heading", level=1).wait_for()
    town.run_jobs()
    _fill(town.tool, town.other, town.school)

    page, frame = enter(host, town.other, TEACHER, links[town.other])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Журнал оценок", exact=True))
    look(frame, page, "Журнал оценок", "ru-gradebook")
    _type_points(frame, page)
    _one_answer(frame, page)
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Журнал оценок", exact=True))
    _narrow_and_take_along(frame, page)

    page, frame = enter(tutor, town.school, TEACHER, links[town.school])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True).first)
    follow(frame, frame.get_by_role("link", name="Gradebook", exact=True))
    look(frame, page, "Gradebook", "en-gradebook-375")
    _excuse(frame, page)


def _type_points(frame: Frame, page: Page) -> None:
    cells = frame.locator("[data-grid] [data-cell]")
    first = cells.first.locator("a")
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(cells.nth(1).locator("a")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("99")
    page.keyboard.press("Enter")
    expect(cells.first.locator("[data-cell-says]")).to_be_visible()
    shot(page, "ru-gradebook-refused")
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    expect(cells.first.locator("[data-cell-says]")).to_have_count(0)
    page.keyboard.type("7,5")
    shot(page, "ru-gradebook-typing")
    page.keyboard.press("Enter")
    expect(cells.first).to_contain_text("7,5")
    expect(cells.nth(len(TASKS)).locator("a")).to_be_focused()
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(cells.nth(len(TASKS))).to_contain_text("8")
    look(frame, page, "Журнал оценок", "ru-gradebook-graded")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    follow(frame, first, key="Enter")
    frame.get_by_text("Что менялось").click()
    look(frame, page, "Amelia", "ru-work-history")
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Журнал оценок", exact=True))


def _one_answer(frame: Frame, page: Page) -> None:
    follow(frame, frame.locator("thead").get_by_role("link", name=TASKS[0], exact=True))
    look(frame, page, "Сразу для нескольких", "ru-together")
    frame.get_by_label("Баллы", exact=True).fill("6")
    follow(frame, frame.get_by_role("button", name="Посмотреть, скольких это коснётся"))
    look(frame, page, "Сразу для нескольких", "ru-together-preview")
    follow(frame, frame.get_by_role("button", name="Да, для всех"))
    look(frame, page, "Сразу для нескольких", "ru-together-given")
    follow(frame, frame.get_by_role("button", name="Отозвать"))
    expect(frame.locator("[data-flash=success]")).to_be_visible()


def _narrow_and_take_along(frame: Frame, page: Page) -> None:
    frame.get_by_label("У кого есть").select_option("late")
    follow(frame, frame.get_by_role("button", name="Показать", exact=True))
    look(frame, page, "Журнал оценок", "ru-gradebook-late")
    frame.get_by_text("Скачать", exact=True).click()
    with page.expect_download() as waiting:
        frame.get_by_role("link", name=re.compile("XLSX")).click()
    assert waiting.value.suggested_filename.endswith(".xlsx")


def _excuse(frame: Frame, page: Page) -> None:
    follow(frame, frame.locator("thead").get_by_role("link", name=TASKS[2], exact=True))
    look(frame, page, "One answer for many", "en-together-375")
    frame.get_by_label(re.compile("^Excuse them")).check()
    frame.get_by_label("Reason of the excuse").fill("In hospital")
    frame.get_by_label("Only those ticked below").check()
    frame.get_by_role("table").get_by_role("checkbox").first.check()
    follow(frame, frame.get_by_role("button", name="See for how many it is"))
    look(frame, page, "One answer for many", "en-together-preview-375")
    follow(frame, frame.get_by_role("button", name="Yes, for all of them"))
    expect(frame.locator("[data-flash=success]")).to_be_visible()


def _fill(tool: Flask, host: School, home: School) -> None:
    """A course of both schools, the partner's teacher invited to grade the own pupils; one work is late, one awaited."""
    now = utcnow()
    with tool.app_context(), unit_of_work():
        teacher, tutor, pupil = (identity_of(*one) for one in ((host, TEACHER), (home, TEACHER), (home, PUPIL)))
        course = SharedCourse(
            organization_id=teacher.registration.organization_id, title=TITLE, join_code="BOLOTA", state="published"
        )
        db.session.add(course)
        db.session.flush()
        db.session.add(CourseTeacher(course_id=course.id, identity_id=teacher.id))
        accepted = {"level": MAY_GRADE, "everybody": False, "state": ACCEPTED, "answered_at": now}
        db.session.add(CourseTutor(course_id=course.id, identity_id=tutor.id, **accepted))
        classes = [
            Participation(course_id=course.id, context_id=context_of(school).id, joined_by_id=teacher.id)
            for school in (host, home)
        ]
        tasks = [
            Activity(course=course, kind="assignment", title=title, points=10, due_at=now - timedelta(days=days))
            for title, days in zip(TASKS, (9, 2, -3), strict=True)
        ]
        db.session.add_all([*classes, *tasks])
        db.session.flush()
        db.session.add_all([Assignment(activity_id=task.id, accepts=["text"]) for task in tasks])
        work = {"activity_id": tasks[1].id, "identity_id": pupil.id, "participation_id": classes[1].id}
        db.session.add(Submission(**work, handed_in_at=now, done_at=now, version=1))
