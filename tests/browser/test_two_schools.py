"""The whole story across two schools and two languages: the host in Russian, the partner in English, each in the frame
of the own LMS; content by deep linking, work from both schools, one grading, two gradebooks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.conftest import OpenBrowser, choose, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER, School


def write(frame: Frame, page: Page, title: str) -> str:
    """The host's course with one assignment, published and offered; its join code."""
    frame.get_by_role("link", name="Новый совместный курс").click()
    look(frame, page, "Новый совместный курс", "ru-course-form")
    frame.get_by_label("Название").fill(title)
    frame.get_by_role("button", name="Сохранить").click()
    frame.get_by_role("link", name="Добавить задание").click()
    look(frame, page, "Новое задание", "ru-assignment-form")
    frame.get_by_label("Название").fill(f"Отчёт: {title}")
    frame.get_by_label("Баллы за отличную работу").fill("20")
    frame.get_by_role("button", name="Сохранить").click()
    look(frame, page, title, "ru-course")
    follow(frame, frame.get_by_role("link", name="Школы и код присоединения"))
    follow(frame, frame.get_by_role("button", name="Опубликовать курс"))
    for school in frame.get_by_label("Riverside School").all():  # other tests have added one of the same name
        school.check()
    follow(frame, frame.get_by_role("button", name="Сохранить список"))
    look(frame, page, "Школы и код присоединения", "ru-sharing")
    return frame.get_by_label("Код присоединения").input_value()


def place(context: BrowserContext, school: School, title: str, press: str) -> int:
    """The course and its assignment as activities of the LMS course; the assignment's link."""
    before = {each["id"] for each in school.links(COURSE)}
    page, frame = choose(context, school, TEACHER)
    group = frame.get_by_role("group", name=title, exact=True)
    expect(group).to_be_visible()
    look(frame, page, "", f"{school.app.name}-selection")
    for box in group.get_by_role("checkbox").all():
        box.check()
    frame.get_by_role("button", name=press).click()
    page.wait_for_url("**/drafts/*")
    number = re.search(r"/drafts/(\d+)", page.url)
    assert number
    school.control("POST", f"/drafts/{number[1]}/save")
    new = [each for each in school.links(COURSE) if each["id"] not in before]
    assert len(new) == 2
    return next(each["id"] for each in new if "activity:" in each["custom"])


def work(context: BrowserContext, school: School, link: int, words: dict[str, str]) -> None:
    """A pupil writes and hands in."""
    page, frame = enter(context, school, PUPIL, link)
    frame.get_by_label(words["answer"]).fill(f"{words['text']}: {school.url}")
    frame.get_by_role("button", name=words["check"]).click()
    look(frame, page, words["hand in"], f"{words['hand in']}")
    frame.get_by_role("button", name=words["hand in"], exact=True).click()
    expect(frame.locator("[data-flash=success]")).to_be_visible()
    look(frame, page, "Отчёт", f"{words['hand in']}-done")


RU = {"answer": "Ваш ответ", "text": "Мой ответ", "check": "Сдать…", "hand in": "Сдать"}
EN = {"answer": "Your answer", "text": "My answer", "check": "Hand in…", "hand in": "Hand in"}


@pytest.mark.parametrize(
    ("blocks", "width"), [(False, 1280), (True, 375)], ids=["cookies on a desktop", "no cookies on a phone"]
)
def test_two_schools_two_languages_one_course(open_browser: OpenBrowser, town: Town, blocks: bool, width: int) -> None:
    title = "Чистая вода" if blocks else "Малые реки"
    for school in (town.school, town.other):
        school.switch(storage="frame" if blocks else "off")
    homes = {school: school.add_link(COURSE, "Together", graded=False) for school in (town.school, town.other)}

    host = open_browser(blocks=blocks, width=width)
    page, frame = enter(host, town.other, TEACHER, homes[town.other])
    look(frame, page, "Экология", "ru-home")
    code = write(frame, page, title)
    frame.get_by_role("link", name="Школы вместе").click()
    frame.get_by_role("link", name="Присоединиться к курсу").click()
    frame.get_by_label("Код присоединения").fill(code)
    frame.get_by_role("button", name="Присоединиться по коду").click()
    look(frame, page, title, "ru-participation")
    follow(frame, frame.get_by_role("link", name="Что есть в вашем курсе LMS"))
    look(frame, page, title, "ru-in-lms")

    partner = open_browser(blocks=blocks, width=width)
    _page, offered = enter(partner, town.school, TEACHER, homes[town.school])
    # the course is offered to the school: no code is needed
    offered.get_by_role("link", name=re.compile(f"Take part.*{title}$")).click()
    offered.locator(".list-group-item", has=offered.get_by_text(title, exact=True)).get_by_role("button").click()
    expect(offered.get_by_role("heading", level=1)).to_contain_text(title)
    follow(offered, offered.get_by_role("link", name="What is in your LMS course"))
    look(offered, _page, title, "en-in-lms")

    links = {
        town.other: place(host, town.other, title, "Добавить в мой курс"),
        town.school: place(partner, town.school, title, "Add to my course"),
    }
    for school, words in ((town.other, RU), (town.school, EN)):
        work(open_browser(blocks=blocks, width=width), school, links[school], words)

    page, frame = enter(host, town.other, TEACHER, links[town.other])
    frame.get_by_role("link", name="Работы").click()
    look(frame, page, "Работы", "ru-works")
    follow(frame, frame.locator(".list-group a").first)
    for points, press in (("15", "Сохранить и к следующей"), ("12,5", "Сохранить оценку")):
        frame.get_by_label("Баллы").fill(points)
        look(frame, page, "", "ru-grading")
        follow(frame, frame.get_by_role("button", name=press, exact=True))
        expect(frame.locator("[data-flash=success]")).to_be_visible()
    town.run_jobs()
    found = sorted(town.other.scores(links[town.other]).values()) + sorted(
        town.school.scores(links[town.school]).values()
    )
    assert sorted(value for value in found if value is not None) == [12.5, 15.0]

    page, frame = enter(partner, town.school, TEACHER, homes[town.school])
    frame.get_by_role("link", name=title, exact=True).click()
    frame.get_by_role("link", name="Gradebook").click()
    look(frame, page, "Gradebook", "en-gradebook")
    expect(frame.get_by_role("main")).to_contain_text("delivered")
    expect(frame.get_by_role("main")).not_to_contain_text("Школа № 12")
    agree(town, host, partner, homes, title)
    marks = town.school.control("GET", f"/links/{links[town.school]}/grades")[0]
    assert (marks["maximum"], [cell["score"] for cell in marks["grades"].values()]) in ((5, [3.0]), (5, [4.0]))


def agree(town: Town, host: BrowserContext, partner: BrowserContext, homes: dict[School, int], title: str) -> None:
    """The partner proposes five-point marks, the host's teacher agrees; what stands in the gradebook is shown."""
    page, frame = enter(partner, town.school, TEACHER, homes[town.school])
    frame.get_by_role("link", name=re.compile(f"Taking part.*{title}$")).click()
    look(frame, page, title, "en-participation")
    follow(frame, frame.get_by_role("link", name="Percent, marks or passed"))
    look(frame, page, "Marks in the gradebook", "en-scale")
    frame.get_by_role("button", name="Preview").click()
    expect(frame.get_by_role("heading", name="Preview")).to_be_visible()
    look(frame, page, "Marks in the gradebook", "en-scale-preview")
    follow(frame, frame.get_by_role("button", name="Propose", exact=True))
    look(frame, page, "Marks in the gradebook", "en-scale-proposed")

    page, frame = enter(host, town.other, TEACHER, homes[town.other])
    frame.get_by_role("link", name=title, exact=True).click()
    look(frame, page, title, "ru-scale-waits")
    follow(frame, frame.get_by_role("link", name=re.compile("Riverside School")))
    look(frame, page, "Шкала оценок", "ru-scale-answer")
    frame.get_by_role("button", name="Согласиться").click()
    follow(frame, frame.get_by_role("button", name="Да"))
    expect(frame.get_by_text("Шкала принята")).to_be_visible()
    look(frame, page, "Шкала оценок", "ru-scale-agreed")
    town.run_jobs()
    follow(frame, frame.get_by_role("link", name=title, exact=True))
    follow(frame, frame.get_by_role("link", name="Журнал оценок"))
    look(frame, page, "Журнал оценок", "ru-gradebook-scale")
