"""A graded discussion between two schools: set and graded by a Russian host, written in on a phone by an English pupil."""

from __future__ import annotations

import re

from flask import Flask
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import select

from lti_tool.core.db import db, unit_of_work
from lti_tool.courses.discussing.models import ActivityDiscussion
from lti_tool.courses.groups.models import ActivityGrouping, Group, Grouping
from lti_tool.courses.models import Activity
from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER

TITLE = "Реки двух стран"


def set_up(frame: Frame, page: Page) -> str:
    """A published course with a discussion of 10 points; its join code."""
    follow(frame, frame.get_by_role("link", name="Новый совместный курс"))
    frame.get_by_label("Название").fill("Беседы о реках")
    follow(frame, frame.get_by_role("button", name="Сохранить"))
    follow(frame, frame.get_by_role("link", name="Добавить обсуждение"))
    frame.get_by_label("Название").fill(TITLE)
    frame.get_by_label("Вопрос или задание").fill("Чем ваша река отличается от **нашей**?")
    frame.get_by_label("Баллы").fill("10")
    look(frame, page, "Новое обсуждение", "talkkind-form")
    follow(frame, frame.get_by_role("button", name="Сохранить", exact=True))
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    look(frame, page, TITLE, "talkkind-empty")
    follow(frame, frame.get_by_role("link", name="Новая тема"))
    frame.get_by_label("Название").fill("Начнём с вопроса")
    frame.get_by_label("Сообщение").fill("Сколько в ней рыбы?")
    follow(frame, frame.get_by_role("button", name="Отправить"))
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    look(frame, page, TITLE, "talkkind-host")
    follow(frame, frame.get_by_role("link", name="Беседы о реках", exact=True))
    follow(frame, frame.get_by_role("link", name="Школы и код присоединения"))
    follow(frame, frame.get_by_role("button", name="Опубликовать курс"))
    return frame.get_by_label("Код присоединения").input_value()


def test_set_and_graded_in_russian_written_on_a_phone_in_english(open_browser: OpenBrowser, town: Town) -> None:
    homes = {school: school.add_link(COURSE, "Together", graded=False) for school in (town.school, town.other)}
    host = open_browser(width=1280, locale="ru-RU")
    page, frame = enter(host, town.other, TEACHER, homes[town.other])
    code = set_up(frame, page)
    partner = open_browser(width=1280, locale="en-GB")
    _page, other = enter(partner, town.school, TEACHER, homes[town.school])
    follow(other, other.get_by_role("link", name="Join a course"))
    other.get_by_label("Join code").fill(code)
    follow(other, other.get_by_role("button", name="Join with the code"))
    with town.tool.app_context():
        number = db.session.scalar(select(db.func.max(ActivityDiscussion.activity_id)))
    link = town.school.add_link(COURSE, "Rivers", custom={"content": f"activity:{number}"})

    phone = open_browser(width=375, locale="en-GB")
    window, pupil = enter(phone, town.school, PUPIL, link)
    look(pupil, window, TITLE, "talkkind-pupil-before")
    follow(pupil, pupil.get_by_role("link", name="Начнём с вопроса"))
    pupil.get_by_label("Message").fill("Plenty: see our count.")
    pupil.locator("input[type=file]").set_input_files(
        {"name": "count.txt", "mimeType": "text/plain", "buffer": b"pike 3, perch 12"}
    )
    expect(pupil.locator("[data-file-ready]")).to_have_count(1)
    follow(pupil, pupil.get_by_role("button", name="Send"))
    expect(pupil.locator("[data-flash=success]")).to_have_text("Sent.")
    look(pupil, window, "Начнём с вопроса", "talkkind-pupil-thread")
    follow(pupil, pupil.get_by_role("link", name=TITLE, exact=True))
    expect(pupil.get_by_text("You have written 1 message.")).to_be_visible()
    assert town.school.scores(link).get(str(PUPIL)) is None

    page, frame = enter(host, town.other, TEACHER, homes[town.other])
    follow(frame, frame.get_by_role("link", name="Беседы о реках", exact=True))
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Кто что написал"))
    look(frame, page, TITLE, "talkkind-works")
    follow(frame, frame.locator(".list-group a").first)
    expect(frame.get_by_text("Plenty: see our count.")).to_be_visible()
    expect(frame.get_by_text("count.txt")).to_be_visible()
    frame.get_by_label("Баллы").fill("9")
    frame.get_by_label("Комментарий ученику").fill("Well counted")
    look(frame, page, "", "talkkind-work")
    follow(frame, frame.get_by_role("button", name=re.compile("Сохранить оценку")))
    town.run_jobs()
    assert town.school.scores(link)[str(PUPIL)] == 90

    window, pupil = enter(phone, town.school, PUPIL, link)
    expect(pupil.get_by_text("Your grade: 9 of 10")).to_be_visible()
    expect(pupil.get_by_text("Well counted")).to_be_visible()
    look(pupil, window, TITLE, "talkkind-pupil-after")

    assert number is not None
    in_groups(town.tool, number)
    window, pupil = enter(phone, town.school, PUPIL, link)
    expect(pupil.get_by_text("You are in no group yet")).to_be_visible()
    look(pupil, window, TITLE, "talkkind-pupil-no-group")
    page, frame = enter(host, town.other, TEACHER, homes[town.other])
    follow(frame, frame.get_by_role("link", name="Беседы о реках", exact=True))
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    follow(frame, frame.get_by_role("link", name="Команда 2"))
    expect(frame.get_by_role("heading", name="Команда 2")).to_be_visible()
    look(frame, page, TITLE, "talkkind-group")


def in_groups(tool: Flask, activity: int) -> None:
    """The discussion uses two groups, with nobody in them."""
    with tool.app_context(), unit_of_work():
        course = db.session.get_one(Activity, activity).course
        grouping = Grouping(course_id=course.id, title="Команды", way="hand")
        db.session.add_all(Group(grouping=grouping, title=f"Команда {one}", position=one) for one in (1, 2))
        db.session.flush()
        db.session.add(ActivityGrouping(activity_id=activity, grouping_id=grouping.id))
