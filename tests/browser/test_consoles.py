"""Every page of the three consoles and of the people's own things, as on the narrowest phone, in both languages.

The town is built once, in this process: Chromium asks for https://tool.example, and the answers come from the sessions
that the town's people hold already. Which pages there are is found by following links; a page that nobody comes to
fails the last test. Each kind of person looks at every page in Russian, whose words are the longest; in English, where
only sizes may differ, everybody leaves out what somebody else has looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Playwright, Route, expect
from werkzeug.exceptions import HTTPException

from tests.browser import look
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.crawl.marks import B
from tests.crawl.scene import Reader, everybody
from tests.crawl.walk import TOOL, read, walk
from tests.factories.joining import fill
from tests.factories.privacy import choose, form_to
from tests.lms import submit

CONSOLES = {
    *(
        "agreements",
        "announcements",
        "calendar",
        "console",
        "coordinators",
        "facts",
        "filtering",
        "guardians",
        "guests",
    ),
    *("journal", "keeping", "moves", "my_data", "notices", "operator", "organizations", "person_data", "platforms"),
    *("privacy", "privacy_office", "reconciliation", "retention", "school", "support"),
}
"""Blueprints whose pages are looked at."""
OTHERS = {"courses.ending", "exchange.vocabularies", "exchange.new_vocabulary", "exchange.vocabulary"}
NO_PAGES = {
    "agreements.paper": "a PDF",
    "agreements.scan": "a file",
    "calendar.feed": "for calendars",
    "journal.table": "a file",
    "my_data.file": "a file",
    "my_data.state": "a part of a page, fetched by script",
    "operator.sign_in": "looked at in test_registering.py",
    "platforms.report": "a part of a page, fetched by script",
    "platforms.start": "looked at in test_registering.py",
    "moves.link": "looked at in test_registering.py",
    "guests.code": "looked at in test_guests.py",
    "guests.address_code": "looked at in test_guests.py",
    "guests.link": "looked at in test_guests.py",
}
PEOPLE = (
    "coordinator of 1",
    "coordinator of 2",
    "coordinator of 3",
    "administrator of 1",
    "operator",
    "partner of 1",
    "pupil of 1",
    "nobody",
)
BESIDES = {"coordinator of 1": "/agreements/1/texts/1"}
"""Addresses that no link of theirs leads to."""
NARROW, WIDE, PHONE = 320, 1280, 375
EACH = 6
"""Addresses of one endpoint that are followed: some pages are met from one agreement, others from another."""


@dataclass
class Town:
    app: Flask
    readers: dict[str, Reader]
    pages: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each reader: one address for every endpoint of the consoles."""


@pytest.fixture(scope="module")
def town(shared_app: Flask) -> Town:
    readers = {each.name: each for each in everybody(shared_app, marked=False)}
    made = Town(shared_app, {name: readers[name] for name in PEOPLE})
    _ask_guardians(readers["coordinator of 2"].browser)
    for name, reader in made.readers.items():
        pages = walk(reader, only=partial(followed, shared_app, Counter())).pages
        if name in BESIDES:
            pages[BESIDES[name]] = read(reader, BESIDES[name])
        found = made.pages[name] = {}
        for path, answer in pages.items():
            page = answer.status_code == 200 and answer.mimetype == "text/html"
            if page and "attachment" not in str(answer.headers) and in_consoles(shared_app, path):
                found.setdefault(endpoint_of(shared_app, path), path)
    return made


def _ask_guardians(coordinator: FlaskClient) -> None:
    """The other school asks for guardians' consent, and is writing another text."""
    choose(coordinator, B, guardian="y")
    draft = coordinator.get(f"{TOOL}/organizations/{B}/privacy/draft")
    submit(coordinator, form_to(draft, "/privacy/draft"), notice_en="Another notice.")


def followed(app: Flask, tried: Counter[str], path: str) -> bool:
    """Whether a link is followed: to the consoles, and not to the same page of many things."""
    endpoint = endpoint_of(app, path)
    tried[endpoint] += 1
    return in_consoles(app, path) and tried[endpoint] <= EACH


def endpoint_of(app: Flask, path: str) -> str:
    """What answers an address; empty for none."""
    try:
        return app.url_map.bind("tool.example").match(urlsplit(path).path)[0]
    except HTTPException:
        return ""


def in_consoles(app: Flask, path: str) -> bool:
    endpoint = endpoint_of(app, path)
    return endpoint in OTHERS or endpoint.partition(".")[0] in CONSOLES


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


def opened(chromium: Browser, client: FlaskClient, **options: Any) -> Page:
    """A page whose requests are answered by the session of a test's client."""

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        path = asked.path + (f"?{asked.query}" if asked.query else "")
        got = client.get(f"{TOOL}{path}", follow_redirects=True, headers={"Accept": route.request.headers["accept"]})
        headers = {name: value for name, value in got.headers.items() if name != "Set-Cookie"}
        route.fulfill(status=got.status_code, headers=headers, body=got.get_data())
        got.close()

    page = chromium.new_page(viewport={"width": NARROW, "height": 720}, reduced_motion="reduce", **options)
    page.set_default_timeout(60_000)
    page.route("**/*", answer)
    return page


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_is_read_and_touched(town: Town, chromium: Browser, name: str, language: str) -> None:
    reader, faults = town.readers[name], []
    fill(reader.browser, "/privacy/notice", "/language", locale=language)
    page = opened(chromium, reader.browser)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    for endpoint, path in looked_at(town, name, language).items():
        if page.url == "about:blank":
            page.goto(f"{TOOL}{path}")
        else:
            page.evaluate(OPEN, path)
        if page.evaluate(LANGUAGE) != language:
            faults.append(f"{path}: not in {language}")
        page.mouse.move(0, 0)
        for judged in (look.fits, look.touchable, *((look.accessible, reachable) if language == "ru" else ())):
            faults += said(judged, page, path)
        for width in (WIDE, PHONE) if look.SHOTS else ():
            page.set_viewport_size({"width": width, "height": 720})
            look.shot(page, f"{name.replace(' ', '-')}-{endpoint}-{language}-{width}")
        page.set_viewport_size({"width": NARROW, "height": 720})
    page.close()
    assert not faults, "\n".join(faults)


def test_the_pages_of_a_console_behind_a_button(town: Town, chromium: Browser) -> None:
    reader = town.readers["coordinator of 1"]
    fill(reader.browser, "/privacy/notice", "/language", locale="en")
    page = opened(chromium, reader.browser)
    page.goto(f"{TOOL}/school")
    button, link = page.get_by_role("button", name="Menu"), page.get_by_role("link", name="Given and received")
    expect(link).to_be_hidden()
    button.click()
    expect(link).to_be_visible()
    for judged in (look.accessible, look.fits, look.touchable):
        judged(page)
    look.shot(page, "menu-320")
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(button).to_be_focused()
    page.set_viewport_size({"width": WIDE, "height": 720})
    expect(link).to_be_visible()
    expect(button).to_be_hidden()
    page.close()
    bare = opened(chromium, reader.browser, java_script_enabled=False)
    bare.goto(f"{TOOL}/school")
    expect(bare.get_by_role("link", name="Given and received")).to_be_visible()
    bare.close()


def looked_at(town: Town, name: str, language: str) -> dict[str, str]:
    """The pages of a person that are looked at in a language."""
    before = PEOPLE[: PEOPLE.index(name)]
    if language == "ru":
        before = tuple(other for other in before if town.readers[other].role == town.readers[name].role)
    seen = {endpoint for other in before for endpoint in town.pages[other]}
    return {endpoint: path for endpoint, path in town.pages[name].items() if endpoint not in seen}


def said(judge: Callable[[Page], None], page: Page, path: str) -> list[str]:
    """The fault of a page, if it has one: the other pages are judged all the same."""
    try:
        judge(page)
    except AssertionError as fault:
        return [f"{path}: {judge.__name__}: {fault}"]
    return []


def reachable(page: Page) -> None:
    """The first act of a page is come to by the tabulator key, is in sight then and shows that it has the focus."""
    if not page.evaluate(BEFORE_THE_ACT):
        return
    for _press in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        unseen = page.evaluate(UNSEEN)
        if not unseen.startswith("not reached"):
            break
    assert not unseen, unseen


LANGUAGE = """() => document.querySelector(".languages [aria-pressed]")?.value ?? document.documentElement.lang"""
OPEN = """path => window.htmx.ajax("GET", path, {source: document.body, target: document.body, swap: "innerHTML"})"""
"""As session.js opens pages where there are no cookies: styles and scripts are there already."""
MOST_PRESSES = 9
"""A date and time has many parts, each of which the key stops at."""
BEFORE_THE_ACT = """() => {
    const order = [".btn-primary", "form button", "a.btn", "a"];
    const seen = [...document.querySelectorAll("main a[href], main button, main input, main select, main textarea, main summary, main [tabindex='0']")]
        .filter((one) => one.checkVisibility() && !one.disabled && !one.closest(".visually-hidden"));
    const act = order.map((kind) => seen.find((one) => one.matches(kind))).find(Boolean);
    act?.setAttribute("data-act", "");
    (seen[seen.indexOf(act) - 1] ?? document.getElementById("main")).focus();
    return Boolean(act);
}"""
"""The focus goes to what stands before the page's first act."""
UNSEEN = """() => {
    const act = document.querySelector("[data-act]"), style = getComputedStyle(act);
    if (document.activeElement !== act) return `not reached: ${act.outerHTML.slice(0, 120)} but ${document.activeElement.outerHTML.slice(0, 120)}`;
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return `no outline: ${act.outerHTML.slice(0, 120)}`;
    const line = act.getClientRects()[0];
    const top = document.elementFromPoint(line.left + line.width / 2, line.top + line.height / 2);
    return top && (act.contains(top) || top.contains(act)) ? "" : `behind something: ${act.outerHTML.slice(0, 120)}`;
}"""


def test_every_page_of_the_consoles_was_looked_at(town: Town) -> None:
    pages = {rule.endpoint for rule in town.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {each for each in pages if each in OTHERS or each.partition(".")[0] in CONSOLES}
    seen = {endpoint for found in town.pages.values() for endpoint in found}
    assert sorted(pages - seen - set(NO_PAGES)) == []
    assert sorted(seen & set(NO_PAGES)) == []
