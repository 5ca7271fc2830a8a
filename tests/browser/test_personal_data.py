"""A coordinator looks at somebody's data, has a copy made, and erases them; a pupil looks at the own; an operator chooses
how long things are kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lti_tool.core.db import unit_of_work
from lti_tool.people.operators import invite_operator
from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.browser.test_agreement import EN as EN_OFFICE
from tests.browser.test_agreement import RU as RU_OFFICE
from tests.browser.test_agreement import become
from tests.browser.test_progress import identity_of
from tests.lms import COURSE, PUPIL

LEAVER = PUPIL + 5
"""Who is erased and kept out; no other story needs them."""

RU = {
    **RU_OFFICE,
    "locale": "ru-RU",
    "privacy": "Персональные данные",
    "find": "Найти человека",
    "data": "Данные об этом человеке и их копия",
    "copy": "Подготовить копию",
    "fetch": "Скачать",
    "erase": "Стереть…",
    "refuse": "Больше не пускать",
    "sure": "Я уверен",
    "for good": "Стереть навсегда",
    "kept out": "Кому закрыт вход",
    "periods": "Сроки хранения данных",
    "mine": "Мои данные и согласие",
    "show": "Показать мои данные",
}
EN = {
    **EN_OFFICE,
    "locale": "en-GB",
    "privacy": "Privacy",
    "find": "Find a person",
    "data": "Data about this person, and a copy",
    "copy": "Prepare a copy",
    "fetch": "Download",
    "erase": "Erase…",
    "refuse": "Keep them out",
    "sure": "I am sure",
    "for good": "Erase for good",
    "kept out": "Who is kept out",
    "periods": "How long data is kept",
    "mine": "My data and consent",
    "show": "Show my data",
}


@pytest.mark.parametrize(
    ("blocks", "width", "words"), [(False, 1280, RU), (True, 375, EN)], ids=["Russian, wide", "English, no cookies"]
)
def test_seen_copied_erased(
    open_browser: OpenBrowser, town: Town, blocks: bool, width: int, words: dict[str, str]
) -> None:
    school = town.other if words is RU else town.school
    school.switch(storage="frame" if blocks else "off")
    name = words["locale"][:2] + f"-{width}"
    pupil_page, pupil = enter(
        open_browser(blocks=blocks, width=width, locale=words["locale"]),
        school,
        LEAVER,
        school.add_link(COURSE, "X"),
    )
    follow(pupil, pupil.get_by_role("link", name=words["mine"]))
    look(pupil, pupil_page, "", f"{name}-consent-mine")
    follow(pupil, pupil.get_by_role("link", name=words["show"]))
    look(pupil, pupil_page, "", f"{name}-data-mine")
    office = open_browser(blocks=blocks, width=width, locale=words["locale"])
    page, frame = become(office, town.tool, school, words)
    follow(frame, frame.get_by_role("link", name=words["home"]))
    follow(frame, frame.get_by_role("navigation").get_by_role("link", name=words["privacy"], exact=True))
    look(frame, page, "", f"{name}-office")
    follow(frame, frame.get_by_role("link", name=words["find"]))
    look(frame, page, "", f"{name}-people")
    with town.tool.app_context():
        leaver = identity_of(school, LEAVER)
    frame.get_by_role("searchbox").fill(leaver.family_name or "")
    follow(frame, frame.get_by_role("search").get_by_role("button"))
    follow(frame, frame.locator(f".list-group a[href$='/people/{leaver.person_id}']"))
    look(frame, page, "", f"{name}-person")
    follow(frame, frame.get_by_role("link", name=words["data"]))
    look(frame, page, "", f"{name}-data")
    follow(frame, frame.get_by_role("button", name=words["copy"]))
    town.run_jobs()
    expect(frame.get_by_role("link", name=words["fetch"])).to_be_visible(timeout=30_000)
    look(frame, page, "", f"{name}-copy")
    with page.expect_download() as download:
        frame.get_by_role("link", name=words["fetch"]).click()
    assert download.value.suggested_filename.endswith(".zip")
    follow(frame, frame.get_by_role("link", name=words["erase"]))
    look(frame, page, "", f"{name}-erase")
    frame.get_by_label(words["refuse"]).check()
    frame.get_by_label(words["sure"]).check()
    follow(frame, frame.get_by_role("button", name=words["for good"]))
    look(frame, page, "", f"{name}-erased")
    follow(frame, frame.get_by_role("navigation").get_by_role("link", name=words["privacy"], exact=True).first)
    follow(frame, frame.get_by_role("link", name=words["kept out"]))
    look(frame, page, "", f"{name}-kept-out")
    follow(frame, frame.get_by_role("navigation").get_by_role("link", name=words["privacy"], exact=True).first)
    follow(frame, frame.get_by_role("link", name=words["periods"]))
    look(frame, page, "", f"{name}-periods")


@pytest.mark.parametrize("width", [1280, 375])
def test_an_operator_chooses_periods(open_browser: OpenBrowser, town: Town, width: int) -> None:
    with town.tool.app_context(), unit_of_work():
        _link, code = invite_operator(actor=None, name="Olga")
    page = open_browser(blocks=False, width=width, locale="en-GB").new_page()
    base = town.tool.extensions["settings"].base_url
    page.goto(f"{base}/operator/sign-in?code={code}")
    page.get_by_role("main").get_by_role("button").click()
    follow(page, page.get_by_role("link", name=EN["periods"]))
    look(page, page, EN["periods"], f"operator-{width}-periods")
    page.locator("#work").fill("100")
    page.get_by_role("main").get_by_role("button", name="Save").click()
    expect(page.locator("#work")).to_have_value("100")
