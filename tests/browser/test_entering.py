"""Ways into the tool from an LMS page: with cookies, with the LMS's storage instead, and by one click in a new tab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Request, Route, expect

from tests.browser.conftest import OpenBrowser, choose, enter, follow
from tests.browser.look import accessible, fits, shot
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER

TEACHER_NAME = "Margaret Hall"


@pytest.fixture(scope="module")
def link(running_town: Town) -> int:
    return running_town.school.add_link(COURSE, "Совместные курсы", graded=False)


def is_home(frame: Frame, name: str) -> None:
    expect(frame.locator("header")).to_contain_text(name)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ecology, Year 7")


def requests_to(context: BrowserContext, town: Town) -> list[Request]:
    """Every request to the tool from now on."""
    sent: list[Request] = []
    context.on("request", lambda request: sent.append(request) if request.url.startswith(town.url) else None)
    return sent


def test_with_cookies_everything_stays_in_the_frame(open_browser: OpenBrowser, town: Town, link: int) -> None:
    context = open_browser()
    page, frame = enter(context, town.school, TEACHER, link)
    is_home(frame, TEACHER_NAME)
    assert "session" in {cookie["name"] for cookie in context.cookies(town.url)}
    follow(frame, frame.get_by_role("link", name="Schools Together"))
    is_home(frame, TEACHER_NAME)
    accessible(frame)
    shot(page, "home-in-the-frame")


def test_a_pupil_on_a_phone(open_browser: OpenBrowser, town: Town, link: int) -> None:
    context = open_browser(width=360)
    _page, frame = enter(context, town.school, PUPIL, link)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ecology, Year 7")
    fits(frame)
    accessible(frame)


def test_a_page_of_a_stranger_may_not_frame_the_tool(open_browser: OpenBrowser, town: Town, link: int) -> None:
    context = open_browser()
    _page, frame = enter(context, town.school, TEACHER, link)
    is_home(frame, TEACHER_NAME)
    policy = context.request.get(frame.url).headers["content-security-policy"]
    assert f"frame-ancestors {town.school.url};" in policy + ";"
    assert town.other.url not in policy


def new_tab(context: BrowserContext, frame: Frame) -> Page:
    with context.expect_page() as opened:
        frame.get_by_role("button", name="Open in a new tab").click()
    return opened.value


def test_without_cookies_one_click_opens_a_new_tab(open_browser: OpenBrowser, town: Town, link: int) -> None:
    context = open_browser(blocks=True)
    page, frame = enter(context, town.school, TEACHER, link)
    expect(frame.get_by_role("heading", level=1)).to_have_text("One click more")
    accessible(frame)
    shot(page, "one-click-more")
    tab = new_tab(context, frame)
    is_home(tab.main_frame, TEACHER_NAME)
    tab.get_by_role("link", name="New shared course").click()
    expect(tab.get_by_label("Title")).to_be_visible()


def test_without_scripts_the_new_tab_works_too(open_browser: OpenBrowser, town: Town, link: int) -> None:
    town.school.switch(storage="parent")
    context = open_browser(blocks=True, java_script_enabled=False)
    answer = context.request.post(f"{town.school.url}/sandbox/login", data={"person": TEACHER})
    assert answer.ok
    page = context.new_page()
    begun = town.school.control("POST", "/launches", {"person": TEACHER, "link": link})
    fields = "".join(f"<input name='{name}' value='{value}'>" for name, value in begun["fields"].items())
    page.set_content(f"<form method=post action='{begun['action']}'>{fields}<button>Open</button></form>")
    page.get_by_role("button").click()
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button").click()  # the LMS's own form, which posts itself where scripts run
    is_home(page.main_frame, TEACHER_NAME)


@pytest.mark.parametrize("storage", ["parent", "frame"])
def test_the_storage_of_the_lms_takes_the_place_of_cookies(
    open_browser: OpenBrowser, town: Town, link: int, storage: str
) -> None:
    town.school.switch(storage=storage)
    context = open_browser(blocks=True)
    sent = requests_to(context, town)
    _page, frame = enter(context, town.school, TEACHER, link)
    is_home(frame, TEACHER_NAME)
    frame.get_by_role("link", name="New shared course").click()
    title = f"Кислотные дожди ({storage})"
    frame.get_by_label("Title").fill(title)
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_role("heading", level=1)).to_contain_text(title)
    frame.get_by_role("link", name="Schools Together").click()
    is_home(frame, TEACHER_NAME)
    expect(frame.get_by_role("main")).to_contain_text(title)
    bearers = {value for request in sent if (value := request.headers.get("authorization", "").partition(" ")[2])}
    assert bearers
    assert not [request.url for request in sent for bearer in bearers if bearer in request.url]
    assert not context.cookies(town.url)


def test_the_language_is_switched_without_cookies(open_browser: OpenBrowser, town: Town, link: int) -> None:
    town.school.switch(storage="parent")
    context = open_browser(blocks=True)
    _page, frame = enter(context, town.school, PUPIL, link)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ecology, Year 7")
    for language, code in (("English", "en"), ("Русский", "ru"), ("English", "en")):
        frame.get_by_role("button", name=language).click()
        expect(frame.locator("html")).to_have_attribute("lang", code)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ecology, Year 7")


def test_back_works_without_cookies(open_browser: OpenBrowser, town: Town, link: int) -> None:
    town.school.switch(storage="parent")
    context = open_browser(blocks=True)
    _page, frame = enter(context, town.school, TEACHER, link)
    is_home(frame, TEACHER_NAME)
    frame.get_by_role("link", name="New shared course").click()
    expect(frame.get_by_label("Title")).to_be_visible()
    frame.evaluate("history.back()")
    is_home(frame, TEACHER_NAME)


def test_a_storage_that_never_answers_leaves_the_click(open_browser: OpenBrowser, town: Town, link: int) -> None:
    town.school.switch(storage="parent")
    context = open_browser(blocks=True)
    context.route(re.compile(re.escape(town.school.url) + ".*/storage.js"), lambda route: route.abort())
    _page, frame = enter(context, town.school, TEACHER, link)
    is_home(new_tab(context, frame).main_frame, TEACHER_NAME)


def _put_elsewhere(route: Route) -> None:
    answer = route.fetch()
    script = answer.text().replace('"lti.put_data", key, value', '"lti.put_data", key: "elsewhere", value')
    route.fulfill(response=answer, body=script)


def test_a_storage_of_another_browser_is_no_proof(open_browser: OpenBrowser, town: Town, link: int) -> None:
    """The launch was begun elsewhere: nothing is kept here, so nobody is signed in without a click."""
    town.school.switch(storage="parent")
    context = open_browser(blocks=True)
    context.route("**/js/platform-storage.js*", _put_elsewhere)
    sent = requests_to(context, town)
    _page, frame = enter(context, town.school, TEACHER, link)
    expect(frame.get_by_role("button", name="Open in a new tab")).to_be_visible()
    assert not [request for request in sent if "authorization" in request.headers]


@pytest.mark.parametrize("storage", ["off", "parent"])
def test_content_is_chosen_in_the_frame(open_browser: OpenBrowser, town: Town, link: int, storage: str) -> None:
    """With cookies, and with the storage in their place: the answer is posted to the LMS either way."""
    town.school.switch(storage=storage)
    context = open_browser(blocks=storage != "off")
    page, frame = choose(context, town.school, TEACHER)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Choose content for your course")
    accessible(frame)
    frame.get_by_label("A page with all shared courses").check()
    frame.get_by_role("button", name="Add to my course").click()
    page.wait_for_url("**/drafts/*")


@pytest.mark.parametrize("way", ["save", "open"])
def test_a_session_that_is_over_loses_no_text(open_browser: OpenBrowser, town: Town, link: int, way: str) -> None:
    town.school.switch(storage="parent")
    context = open_browser(blocks=True)
    _page, frame = enter(context, town.school, TEACHER, link)
    frame.get_by_role("link", name="New shared course").click()
    frame.get_by_label("Title").fill("A long title that took thought")
    key = town.tool.secret_key
    town.tool.secret_key = "another one: every session of before is over"
    try:
        if way == "save":
            frame.get_by_role("button", name="Save").click()
            expect(frame.get_by_text("Your session is over")).to_be_visible()
            expect(frame.get_by_label("Title")).to_have_value("A long title that took thought")
        else:
            frame.get_by_role("link", name="Schools Together").click()
            expect(frame.get_by_role("heading", level=1)).not_to_have_text("Ecology, Year 7")
    finally:
        town.tool.secret_key = key
