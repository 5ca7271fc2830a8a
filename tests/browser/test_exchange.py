"""The exchange across two schools: a Russian teacher shares, an English one finds it in the picker of the own LMS, places two
at once, adapts one and tells how it did."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.conftest import OpenBrowser, choose, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, TEACHER


def share(frame: Frame, page: Page, title: str, width: int, *, points: str = "") -> None:
    """Two clicks from the exchange: the kind, and “publish”."""
    follow(frame, frame.get_by_role("link", name="Обменник ресурсов").first)
    look(frame, page, "Обменник ресурсов", f"ru-exchange-{width}")
    follow(frame, frame.get_by_role("link", name="Поделиться ресурсом").first)
    look(frame, page, "Поделиться ресурсом", f"ru-exchange-kinds-{width}")
    follow(frame, frame.get_by_role("link", name=re.compile("^Страница")))
    frame.get_by_role("textbox", name="Название").fill(title)
    frame.get_by_role("textbox", name="Текст").fill("## Что сделать\n\n1. Измерьте **длину**.\n2. Запишите результат.")
    if points:
        frame.get_by_text("Ещё: авторы").click()
        frame.get_by_label("Баллы за проработку").fill(points)
    look(frame, page, "Поделиться: Страница", f"ru-exchange-form-{width}")
    follow(frame, frame.get_by_role("button", name="Опубликовать"))
    look(frame, page, title, f"ru-exchange-show-{width}")


def find_and_place(browser: BrowserContext, town: Town, mark: str, width: int) -> None:
    """Both sheets in one basket, found by a word in another form, with the keyboard."""
    page, frame = choose(browser, town.school, TEACHER)
    search = frame.get_by_label("Search the exchange")
    search.fill(f"рычага {mark}")
    follow(frame, search, key="Enter")
    look(frame, page, "Choose content for your course", f"en-exchange-picker-{width}")
    frame.get_by_label(f"Рычаг {mark}").check()
    search = frame.get_by_label("Search the exchange")
    search.fill(f"блоки {mark}")
    follow(frame, search, key="Enter")
    expect(frame.get_by_label(f"Рычаг {mark}")).to_be_checked()
    frame.get_by_label(f"Блоки {mark}").check()
    frame.get_by_text("Look at it").last.click()
    expect(frame.get_by_text("Запишите результат").last).to_be_visible()
    look(frame, page, "Choose content for your course", f"en-exchange-basket-{width}")
    frame.get_by_role("button", name="Add to my course").click()
    expect(page.get_by_text(f"Рычаг {mark}").first).to_be_visible()
    page.close()


@pytest.mark.parametrize(
    ("blocks", "width"), [(False, 1280), (True, 375)], ids=["cookies on a desktop", "no cookies on a phone"]
)
def test_shared_found_placed_adapted_reported(open_browser: OpenBrowser, town: Town, blocks: bool, width: int) -> None:
    for school in (town.school, town.other):
        school.switch(storage="frame" if blocks else "off")
    mark = f"№{width}"
    russian = open_browser(blocks=blocks, width=width, locale="ru-RU")
    page, frame = enter(russian, town.other, TEACHER, town.other.add_link(COURSE, "Together", graded=False))
    share(frame, page, f"Рычаг {mark}", width, points="5")
    share(frame, page, f"Блоки {mark}", width)
    english = open_browser(blocks=blocks, width=width)
    find_and_place(english, town, mark, width)
    page, frame = enter(english, town.school, TEACHER, town.school.add_link(COURSE, "Together", graded=False))
    follow(frame, frame.get_by_role("link", name="Resource exchange").first)
    frame.get_by_label("Search the exchange").fill(f"рычаг {mark}")
    follow(frame, frame.get_by_role("button", name="Find"))
    look(frame, page, "Resource exchange", f"en-exchange-found-{width}")
    follow(frame, frame.get_by_role("link", name=f"Рычаг {mark}"))
    look(frame, page, f"Рычаг {mark}", f"en-exchange-show-{width}")
    follow(frame, frame.get_by_role("link", name="I have used it"))
    frame.get_by_label("In what class, of what age").fill("Grade 7, 24 pupils")
    frame.get_by_label("What worked, and what did not").fill("The second task needs more time.")
    frame.get_by_label(re.compile("^4 ")).check()
    look(frame, page, "Used in class: how it went", f"en-exchange-report-{width}")
    follow(frame, frame.get_by_role("button", name="Save"))
    expect(frame.get_by_text("The second task needs more time.")).to_be_visible()
    follow(frame, frame.get_by_role("button", name="Adapt"))
    frame.get_by_role("textbox", name="Title").fill(f"Lever {mark}")
    follow(frame, frame.get_by_role("button", name="Publish"))
    expect(frame.get_by_role("link", name=f"“Рычаг {mark}”")).to_be_visible()
    for path, name in (("My resources", "mine"), ("Kept searches", "searches"), ("What is needed", "needs")):
        follow(frame, frame.get_by_role("link", name="Resource exchange").first)
        follow(frame, frame.get_by_role("link", name=path))
        look(frame, page, path, f"en-exchange-{name}-{width}")
