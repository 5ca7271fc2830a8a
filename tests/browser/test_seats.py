"""Seat → waiting list → approval → drop, each in the frame of the own LMS: the host in Russian, the partner's teacher and
coordinator in English, a pupil on a phone; the withdrawal by keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.browser.test_agreement import EN, become
from tests.lms import COURSE, PUPIL, TEACHER

TITLE = "Малые реки: места"


def test_seat_waitlist_approval_drop(open_browser: OpenBrowser, town: Town) -> None:
    links = {school: school.add_link(COURSE, "Together", graded=False) for school in (town.school, town.other)}
    host = open_browser(locale="ru-RU")
    page, frame = enter(host, town.other, TEACHER, links[town.other])
    _offer(frame, page)

    partner = open_browser(locale="en-GB")
    page, frame = become(partner, town.tool, town.school, EN)
    page, frame = enter(partner, town.school, TEACHER, links[town.school])
    follow(frame, frame.get_by_role("link", name="Catalogue of courses"))
    look(frame, page, "Catalogue of courses", "en-catalogue")
    follow(frame, frame.get_by_role("link", name=TITLE))
    look(frame, page, TITLE, "en-about")
    frame.get_by_label("How many seats").fill("2")
    frame.get_by_label("Message", exact=True).fill("Class 8b")
    follow(frame, frame.get_by_role("button", name="Ask for seats"))
    look(frame, page, "Requests for seats", "en-requests")
    page, frame = enter(partner, town.school, TEACHER, links[town.school])
    follow(frame, frame.get_by_role("link", name="Our organization in the network"))
    follow(frame, frame.get_by_role("navigation").get_by_role("link", name="Seats", exact=True))
    look(frame, page, "Seats in courses", "en-school-seats")
    frame.get_by_role("checkbox", name=TITLE).check()
    follow(frame, frame.get_by_role("button", name="Approve those ticked"))
    expect(frame.locator("[data-flash=success]")).to_be_visible()

    page, frame = enter(host, town.other, TEACHER, links[town.other])
    follow(frame, frame.get_by_role("link", name="Каталог курсов"))
    follow(frame, frame.get_by_role("link", name="Заявки на места"))
    look(frame, page, "Заявки на места", "ru-requests")
    frame.get_by_role("checkbox", name=TITLE).check()
    follow(frame, frame.get_by_role("button", name="Принять отмеченные"))
    town.run_jobs()

    phone = open_browser(width=375, locale="en-GB")
    page, frame = enter(phone, town.school, PUPIL + 2, links[town.school])
    expect(frame.get_by_text("number 1 on the list")).to_be_visible()
    follow(frame, frame.get_by_role("link", name=TITLE))
    look(frame, page, TITLE, "en-place-375")
    expect(frame.get_by_text("You are number 1 on the waiting list")).to_be_visible()

    page, frame = enter(partner, town.school, TEACHER, links[town.school])
    follow(frame, frame.get_by_role("link", name=re.compile(f"Taking part.*{TITLE}")))
    follow(frame, frame.get_by_role("link", name="Places of your class"))
    look(frame, page, "Places of your class", "en-class-places")
    _withdraw_by_keyboard(frame, page)
    look(frame, page, "Places of your class", "en-class-places-after")

    page, frame = enter(phone, town.school, PUPIL + 2, links[town.school])
    follow(frame, frame.get_by_role("link", name=TITLE))
    expect(frame.get_by_role("heading", name="Contents")).to_be_visible()

    page, frame = enter(host, town.other, TEACHER, links[town.other])
    follow(frame, frame.get_by_role("link", name=TITLE, exact=True))
    _rest(frame, page)


def _offer(frame: Frame, page: Page) -> None:
    """A published course in the catalogue, with two common seats."""
    follow(frame, frame.get_by_role("link", name="Новый совместный курс"))
    frame.get_by_label("Название").fill(TITLE)
    follow(frame, frame.get_by_role("button", name="Сохранить"))
    follow(frame, frame.get_by_role("link", name="Школы и код присоединения"))
    follow(frame, frame.get_by_role("button", name="Опубликовать курс"))
    follow(frame, frame.get_by_role("link", name="Курс в каталоге"))
    look(frame, page, "Курс в каталоге", "ru-offering")
    frame.get_by_label("Предмет").select_option("ecology")
    frame.get_by_label("С класса").fill("7")
    follow(frame, frame.get_by_role("button", name="Сохранить"))
    follow(frame, frame.get_by_role("link", name="Места", exact=True))
    look(frame, page, "Места", "ru-seats-unlimited")
    follow(frame, frame.get_by_role("link", name="Ограничить места"))
    frame.get_by_label("Число учеников ограничено").check()
    frame.get_by_label("Общие места").fill("2")
    look(frame, page, "Места: правила", "ru-seat-rules")
    follow(frame, frame.get_by_role("button", name="Сохранить"))


def _withdraw_by_keyboard(frame: Frame, page: Page) -> None:
    fold = frame.locator("summary", has_text="Withdraw…").first
    fold.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Another circle")
    page.keyboard.press("Tab")
    follow(frame, frame.locator("button:focus"), key="Enter")
    expect(frame.get_by_text("The pupil is withdrawn")).to_be_visible()


def _rest(frame: Frame, page: Page) -> None:
    """The other pages of who takes part, looked at."""
    here = frame.url
    follow(frame, frame.get_by_role("link", name="Учителя", exact=True))
    look(frame, page, "Учителя курса", "ru-staff")
    frame.goto(here)
    follow(frame, frame.get_by_role("link", name="Группы", exact=True))
    look(frame, page, "Группы", "ru-groups")
    frame.get_by_label("Название").fill("Команды")
    follow(frame, frame.get_by_role("button", name="Создать группы"))
    look(frame, page, "Команды", "ru-grouping")
    frame.goto(here)
    follow(frame, frame.get_by_role("link", name="Школы и код присоединения"))
    follow(frame, frame.get_by_role("link", name="Места", exact=True))
    look(frame, page, "Места", "ru-seats")
    expect(frame.get_by_text("Another circle")).to_be_visible()
