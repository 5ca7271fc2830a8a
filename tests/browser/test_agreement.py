"""Two coordinators and one agreement: a Russian school writes and proposes it, an English one signs, each in the frame
of the own LMS; every page on the way, and the coordinator's pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.factories.coordinators import appointment, organization_of
from tests.lms import COURSE, TEACHER, School

RU = {
    "code": "У меня есть код координатора",
    "typed": "Код из ссылки",
    "become": "Стать координатором",
    "home": "Наша организация в сети",
}
EN = {
    "code": "I have a coordinator's code",
    "typed": "Code from the link",
    "become": "Become a coordinator",
    "home": "Our organization in the network",
}


def become(context: BrowserContext, app: Flask, school: School, words: dict[str, str]) -> tuple[Page, Frame]:
    """Come from the LMS and become its organization's coordinator by a code."""
    code = appointment(app, organization_of(app, school))
    page, frame = enter(context, school, TEACHER, school.add_link(COURSE, "Together", graded=False))
    link = frame.get_by_role("link", name=words["code"])
    expect(link.or_(frame.get_by_role("link", name=words["home"]))).to_be_visible()
    if link.count():  # another test has made this teacher a coordinator already
        follow(frame, link)
        look(frame, page, words["become"], f"coordinator-{school.app.name}-code")
        frame.get_by_label(words["typed"]).fill(code)
        follow(frame, frame.get_by_role("button", name=words["become"]))
    return page, frame


def section(frame: Frame, page: Page, name: str, shot: str, **fields: str) -> None:
    """Open a section of the draft by its button, fill it in, save."""
    follow(frame, frame.get_by_role("link", name=re.compile(f"Изменить.*{name}")))
    look(frame, page, "", shot)
    for label, text in fields.items():
        frame.get_by_label(label.replace("_", " ")).fill(text)
    follow(frame, frame.get_by_role("button", name="Сохранить"))


@pytest.mark.parametrize(
    ("blocks", "width"), [(False, 1280), (True, 375)], ids=["cookies on a desktop", "no cookies on a phone"]
)
def test_written_proposed_signed(open_browser: OpenBrowser, town: Town, blocks: bool, width: int) -> None:
    for school in (town.school, town.other):
        school.switch(storage="frame" if blocks else "off")
    russian = open_browser(blocks=blocks, width=width, locale="ru-RU")
    page, frame = become(russian, town.tool, town.other, RU)
    follow(frame, frame.get_by_role("link", name="Наша организация в сети"))
    look(frame, page, "", f"ru-school-{width}")
    follow(frame, frame.get_by_role("link", name="Договоры", exact=True))
    follow(frame, frame.get_by_role("link", name="Новый договор"))
    look(frame, page, "Новый договор", f"ru-agreement-new-{width}")
    frame.get_by_label("Совместный курс").check()
    follow(frame, frame.get_by_role("button", name="Начать черновик"))
    look(frame, page, "О чём договор", f"ru-agreement-about-{width}")
    title = f"Реки вместе {width}"
    frame.get_by_label("Название", exact=True).fill(title)
    frame.get_by_label("Первый день").fill("2026-09-01")
    frame.get_by_label("Последний день").fill("2036-05-31")
    follow(frame, frame.get_by_role("button", name="Сохранить"))
    look(frame, page, title, f"ru-agreement-draft-{width}")
    follow(frame, frame.get_by_role("link", name=re.compile("Изменить.*Стороны")))
    frame.get_by_label("Название, город или ведомство").fill("Riverside")
    follow(frame, frame.get_by_label("Название, город или ведомство"), key="Enter")
    look(frame, page, "Стороны", f"ru-agreement-parties-{width}")
    follow(frame, frame.get_by_role("button", name=re.compile("Добавить.*Riverside School")).first)
    follow(frame, frame.get_by_role("link", name="Готово"))
    for number, party in enumerate(("Школа № 12", "Riverside School")):
        brought = {
            "Педагоги_и_специалисты": "Два учителя",
            "Контакт": "+7 000",
            "Кто_подписывает,_с_должностью": "Директор",
        }
        section(frame, page, party, f"ru-agreement-brings-{number}-{width}", **brought)
    follow(frame, frame.get_by_role("link", name=re.compile("Изменить.*Кто за что отвечает")))
    for select in frame.get_by_role("main").get_by_role("combobox").all():
        select.select_option(index=1)
    look(frame, page, "Кто за что отвечает", f"ru-agreement-duties-{width}")
    follow(frame, frame.get_by_role("button", name="Сохранить"))
    expect(frame.get_by_text("Подписать нельзя")).to_have_count(0)
    follow(frame, frame.get_by_role("button", name="Предложить всем сторонам"))
    look(frame, page, title, f"ru-agreement-proposed-{width}")
    follow(frame, frame.get_by_role("link", name="Документ для печати"))
    look(frame, page, "Договор о сотрудничестве", f"ru-agreement-document-{width}")
    _signs(open_browser(blocks=blocks, width=width, locale="en-GB"), town, title, width)


def _signs(context: BrowserContext, town: Town, title: str, width: int) -> None:
    page, frame = become(context, town.tool, town.school, EN)
    follow(frame, frame.get_by_role("link", name="Our organization in the network"))
    look(frame, page, "", f"en-school-{width}")
    follow(frame, frame.get_by_role("link", name=title))
    look(frame, page, title, f"en-agreement-proposed-{width}")
    follow(frame, frame.get_by_role("link", name="Sign", exact=True))
    look(frame, page, "Sign for", f"en-agreement-sign-{width}")
    frame.get_by_label("Number and date of the paper").fill("No. 7")
    follow(frame, frame.get_by_role("button", name="We have signed"))
    look(frame, page, title, f"en-agreement-signed-{width}")
    follow(frame, frame.get_by_role("navigation").get_by_role("link", name="Agreements"))
    for name in ("Agreements", "Given and received", "Courses", "Teachers", "Rosters and grades", "Coordinators"):
        follow(frame, frame.get_by_role("navigation").get_by_role("link", name=name, exact=True))
        look(frame, page, "", f"en-{name.split()[0].lower()}-{width}")
