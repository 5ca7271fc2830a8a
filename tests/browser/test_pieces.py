"""Pieces of pages in a browser: looks, accessibility, and what their scripts add."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenBrowser
from tests.browser.look import accessible, fits, shot, touchable
from tests.browser.servers import Town


@pytest.fixture
def page(open_browser: OpenBrowser, town: Town) -> Page:
    page = open_browser().new_page()
    page.goto(f"{town.url}/pieces")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_piece_can_be_read_and_touched(open_browser: OpenBrowser, town: Town, scheme: str, width: int) -> None:
    page = open_browser(width=width, color_scheme=scheme).new_page()
    page.goto(f"{town.url}/pieces")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
    page.get_by_text("More", exact=True).click()
    accessible(page)
    fits(page)
    touchable(page)
    shot(page, f"pieces-{scheme}-{width}")
    page.get_by_role("button", name="Save").click()  # the browser stops at the empty title
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_contain_text("Give it a title.")
    accessible(page)


def test_the_focus_is_seen_and_the_content_is_one_key_away(page: Page) -> None:
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_text("Skip to the content")
    expect(focused).to_be_in_viewport()
    assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_question_is_asked_first(page: Page) -> None:
    page.get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Remove it for good?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-flash=success]")).to_have_count(0)
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(page.locator("[data-flash=success]")).to_have_text("Saved Removed")


def test_what_was_typed_comes_back_until_it_is_saved(page: Page) -> None:
    page.get_by_label("Text", exact=True).fill("A long answer")
    page.reload()
    expect(page.get_by_label("Text", exact=True)).to_have_value("A long answer")
    expect(page.get_by_text("has been put back")).to_be_visible()
    accessible(page)
    page.get_by_label("Title").fill("Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-flash=success]")).to_have_text("Saved Mine")
    expect(page.get_by_label("Text", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_label("Text", exact=True)).to_have_value("")


def test_what_was_typed_stays_when_saving_failed(page: Page, town: Town) -> None:
    page.get_by_label("Text", exact=True).fill("A long answer")
    page.get_by_label("Title").fill("Mine")
    page.route("**/pieces", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Save").click()
    page.unroute("**/pieces")
    page.goto(f"{town.url}/pieces")
    expect(page.get_by_label("Text", exact=True)).to_have_value("A long answer")


def test_what_was_put_back_can_be_dropped(page: Page) -> None:
    page.get_by_label("Text", exact=True).fill("A long answer")
    page.reload()
    page.get_by_role("button", name="Drop it").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_label("Text", exact=True)).to_have_value("")


def test_copying_says_so(page: Page) -> None:
    button = page.get_by_role("button", name="Registration address")
    button.click()
    expect(button).to_contain_text("Copied")
    assert page.evaluate("getSelection().toString() || document.activeElement.value").endswith("invite=code")


def test_a_file_that_is_too_large_is_told_at_once(page: Page, tmp_path: Path) -> None:
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_text("x" * 10)
    large.write_text("x" * 200)
    field = page.get_by_label("Work")
    field.set_input_files(small)
    expect(page.locator("output")).to_contain_text("small.txt (10 byte")
    assert field.evaluate("one => one.validationMessage") == ""
    field.set_input_files(large)
    assert "too large" in field.evaluate("one => one.validationMessage")


def test_a_menu_closes_by_itself(page: Page) -> None:
    menu = page.locator("details.menu")
    for leave in (lambda: page.keyboard.press("Escape"), lambda: page.locator("h1").click()):
        menu.locator("summary").click()
        expect(menu).to_have_attribute("open", "")
        leave()
        expect(menu).not_to_have_attribute("open", "")
