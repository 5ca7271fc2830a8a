"""A discussion in a browser: written, answered, moderated and reported by pupils and teachers, wide and on a phone."""

from __future__ import annotations

import struct
import zlib

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.conftest import OpenBrowser, enter
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER, School


@pytest.fixture
def picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + kind + data + struct.pack("!L", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((30, 120, y % 256)) * 320 for y in range(180))
    head = struct.pack("!LLBBBBB", 320, 180, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sit_down(browser: BrowserContext, school: School, person: int, table: int) -> tuple[Page, Frame]:
    """At a round table, come to as a link would."""
    link = next((each["id"] for each in school.links(COURSE)), None) or school.add_link(
        COURSE, "Together", graded=False
    )
    page, frame = enter(browser, school, person, link)
    expect(frame.locator(".whoami")).to_be_visible()
    go_to(frame, f"/discussions/table-{table}")
    return page, frame


def go_to(frame: Frame, path: str) -> None:
    frame.locator("main").evaluate("main => { main.dataset.left = '' }")
    frame.evaluate("path => htmx.ajax('GET', path, {source: document.body, target: document.body})", path)
    expect(frame.locator("main[data-left]")).to_have_count(0)


@pytest.mark.parametrize("blocks", [False, True], ids=["cookies", "no cookies"])
def test_a_discussion_between_schools(open_browser: OpenBrowser, town: Town, picture: bytes, blocks: bool) -> None:
    town.school.switch(storage="parent")
    table = 10 + blocks
    sit_down(open_browser(blocks=blocks), town.school, TEACHER, table)
    page, pupil = sit_down(open_browser(blocks=blocks), town.school, PUPIL, table)
    look(pupil, page, f"Round table {table}", "discussion-empty")
    pupil.get_by_role("link", name="New thread").click()
    pupil.get_by_label("Title").fill("Water in our river")
    pupil.get_by_label("Message").fill("We measured **pH 6.5**.\n\n- What did you find?\n- When?")
    go_to(pupil, f"/discussions/table-{table}")
    pupil.get_by_role("link", name="New thread").click()
    expect(pupil.get_by_label("Message")).to_have_value("We measured **pH 6.5**.\n\n- What did you find?\n- When?")
    pupil.get_by_text("Name somebody").click()
    look(pupil, page, "New thread", "discussion-new")
    pupil.locator("input[type=file]").set_input_files({"name": "map.png", "mimeType": "image/png", "buffer": picture})
    expect(pupil.locator("[data-file-ready]")).to_have_count(1)
    pupil.get_by_role("button", name="Send").click()
    expect(pupil.locator("[data-flash=success]")).to_have_text("Sent.")
    expect(pupil.get_by_role("img", name="map.png")).to_have_js_property("naturalWidth", 320)
    look(pupil, page, "Water in our river", "discussion-thread")
    pupil.get_by_role("link", name="Reply").first.click()
    expect(pupil.get_by_text("To the message of")).to_be_visible()
    pupil.get_by_label("Message").fill("I forgot to say: in April.")
    pupil.get_by_role("button", name="Send").click()
    expect(pupil.get_by_text("in reply to an earlier message")).to_be_visible()
    expect(pupil.get_by_label("Message")).to_have_value("")


def test_moderating_on_a_phone_in_russian(open_browser: OpenBrowser, town: Town) -> None:
    page, teacher = sit_down(open_browser(width=375), town.other, TEACHER, 20)
    teacher.get_by_role("link", name="Правила").click()
    teacher.get_by_label("Первое сообщение ученика").check()
    look(teacher, page, "Правила обсуждения", "discussion-rules-phone")
    teacher.get_by_role("button", name="Сохранить").click()
    expect(teacher.locator("[data-flash=success]")).to_be_visible()
    window, pupil = sit_down(open_browser(width=375), town.other, PUPIL, 20)
    pupil.get_by_role("link", name="Новая тема").click()
    pupil.get_by_label("Название").fill("Как вы измеряли?")
    pupil.get_by_label("Сообщение").fill("Расскажите, пожалуйста, чем и где вы измеряли кислотность воды.")
    look(pupil, window, "Новая тема", "discussion-new-phone")
    pupil.get_by_role("button", name="Отправить").click()
    expect(pupil.get_by_text("сначала прочтёт учитель").last).to_be_visible()
    look(pupil, window, "Как вы измеряли?", "discussion-waits-phone")
    go_to(teacher, "/discussions/table-20")
    look(teacher, page, "Round table 20", "discussion-forum-phone")
    teacher.get_by_role("link", name="На проверку").click()
    look(teacher, page, "На проверку", "discussion-queue-phone")
    teacher.get_by_role("button", name="Показать всем").click()
    expect(teacher.get_by_text("Ничто вас не ждёт")).to_be_visible()
    go_to(teacher, "/discussions/table-20?q=кислотность")
    look(teacher, page, "Найдено", "discussion-found-phone")
    teacher.get_by_role("link", name="Как вы измеряли?").click()
    look(teacher, page, "Как вы измеряли?", "discussion-thread-phone")
    teacher.get_by_label("Сообщение").fill("Прибором, у моста.")
    teacher.get_by_role("button", name="Отправить").click()
    expect(teacher.locator("[data-flash=success]")).to_be_visible()
    go_to(pupil, "/discussions/table-20")
    pupil.get_by_role("link", name="Как вы измеряли?").click()
    pupil.get_by_role("link", name="Пожаловаться").click()
    look(pupil, window, "Пожаловаться на сообщение", "discussion-report-phone")
