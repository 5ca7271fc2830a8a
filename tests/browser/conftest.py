"""Chromium, the tool and two schools. Cross-site on purpose: schools are at 127.0.0.1, the tool at localhost."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Frame,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser import servers
from tests.browser.servers import Town
from tests.lms import COURSE, School

CHROMIUM = os.environ.get("LTI_TOOL_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-site-isolation-trials"]
"""Without a process per site: Playwright now and then loses a frame that changes its process, and waits for ever.
What is another site, with its cookies and storage, stays the same."""
HARMLESS = ("Allow attribute will take precedence", "Blocked autofocusing", "Failed to load resource")
"""Beginnings of console messages that tell of no fault of ours; tests look at answers and their codes themselves."""

OpenBrowser = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def running_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    town = servers.start(tmp_path_factory.mktemp("town"))
    yield town
    town.running.close()


@pytest.fixture
def town(running_town: Town) -> Iterator[Town]:
    """The tool and both schools, with nothing switched."""
    servers.take_over(running_town.tool)
    yield running_town
    running_town.partitioned.known = True
    for school in (running_town.school, running_town.other):
        school.switch(storage="off", accept_multiple=True)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"no Chromium at {CHROMIUM}; name one with LTI_TOOL_CHROMIUM")
    with sync_playwright() as running:
        yield running


@pytest.fixture
def open_browser(playwright: Playwright, tmp_path: Path, town: Town) -> Iterator[OpenBrowser]:
    """Open a fresh browser. `blocks`: it keeps no cookies inside frames of other sites, as Safari does; the same for
    all browsers of a test.

    At the end of the test any error a page logged fails it; the content security policy speaks that way too.
    """
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            said.append(f"{message.text} ({message.location.get('url')})")

    def open_(*, blocks: bool = False, width: int = 1280, **options: Any) -> BrowserContext:
        profile = tmp_path / f"profile-{len(contexts)}"
        (profile / "Default").mkdir(parents=True)
        cookies = {"cookie_controls_mode": int(blocks), "block_third_party_cookies": blocks}
        (profile / "Default" / "Preferences").write_text(json.dumps({"profile": cookies}), encoding="utf-8")
        town.partitioned.known = not blocks
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport={"width": width, "height": 900},
            accept_downloads=True,
            **options,
        )
        context.set_default_timeout(15_000)
        context.on("console", hear)
        context.on("weberror", lambda error: said.append(str(error.error)))
        contexts.append(context)
        return context

    yield open_
    for context in contexts:
        context.close()
    assert not said, "\n".join(said)


def enter(context: BrowserContext, school: School, person: int, link: int) -> tuple[Page, Frame]:
    """Sign in at the school and open an activity: the LMS's page, and the tool's frame in it."""
    answer = context.request.post(f"{school.url}/sandbox/login", data={"person": person})
    assert answer.ok
    page = context.new_page()
    page.goto(f"{school.url}/links/{link}")
    return page, tool_frame(page)


def choose(context: BrowserContext, school: School, person: int, course: int = COURSE) -> tuple[Page, Frame]:
    """Sign in at the school and choose content for a course: the LMS's page, and the tool's frame in it."""
    assert context.request.post(f"{school.url}/sandbox/login", data={"person": person}).ok
    page = context.new_page()
    page.goto(f"{school.url}/courses/{course}/tools/{school.tool_id}/choose")
    return page, tool_frame(page)


def follow(view: Page | Frame, target: Locator, *, key: str = "") -> None:
    """Press what leads to another page (or a `key` on it) and wait for that page, also where its heading is the same.

    On a phone the list of a console's pages is opened where the target is in it."""
    menu = view.locator("button[data-unfold][aria-expanded=false]:visible")
    for _try in range(3):
        target.or_(menu).first.wait_for()
        if not target.first.is_visible() and menu.count():
            view.wait_for_load_state()  # the script that opens it has run
            menu.click()
        target.wait_for()
        try:
            view.locator("main").evaluate("main => { main.dataset.left = '' }")
            break
        except Error:  # the frame was just being loaded anew, with its session
            continue
    target.press(key) if key else target.click()
    expect(view.locator("main")).to_have_count(1)
    expect(view.locator("main[data-left]")).to_have_count(0)


def tool_frame(page: Page) -> Frame:
    """The frame that holds the tool."""
    handle = page.wait_for_selector("iframe.tool")
    assert handle is not None
    frame = handle.content_frame()
    assert frame is not None
    return frame
