"""Somebody without an LMS: a personal link, a passkey of the browser's own virtual authenticator, signing in by it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.factories.joining import organization
from tests.lms import COURSE, PUPIL


def authenticator(page: Page) -> None:
    """A device with a passkey store that always finds its owner."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def invite(page: Page, town: Town, owner: int, name: str, width: int) -> str:
    """A personal link, made by an operator on the screen."""
    told = town.tool.test_cli_runner().invoke(args=["operator", "invite", "Olga"])
    page.goto(re.findall(r"http\S+", told.output)[0])
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{town.url}/organizations/{owner}/guests")
    look(page, page, "Invited people", f"guests-empty-{width}")
    page.get_by_label("First and last name").fill(name)
    page.get_by_label("Coordinator:").check()
    page.get_by_role("button", name="Make a personal link").click()
    look(page, page, "A personal link", f"guest-link-made-{width}")
    return page.get_by_label("Link", exact=True).input_value()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_guest_sets_up_a_passkey_and_comes_back(open_browser: OpenBrowser, town: Town, width: int) -> None:
    owner = organization(town.tool, f"Museum {width}")
    hub = open_browser(width=width).new_page()
    link = invite(hub, town, owner, f"Maria Museum {width}", width)

    page = open_browser(width=width).new_page()
    authenticator(page)
    page.goto(link)
    look(page, page, f"Welcome, Maria Museum {width}", f"guest-welcome-{width}")
    follow(page, page.get_by_role("button", name="come in"))
    look(page, page, "How you come in", f"guest-ways-empty-{width}")
    page.get_by_label("What you call this device").fill("My phone")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.locator("[data-flash=success]")).to_contain_text("sign in with this device")
    look(page, page, "How you come in", f"guest-ways-{width}")
    page.get_by_role("button", name="Set up a passkey").click()  # the same device once more
    expect(page.locator("[data-passkey-failed]")).to_contain_text("has a passkey here already")

    page.get_by_role("button", name="Sign out").click()
    look(page, page, "Sign in", f"guest-sign-in-{width}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    look(page, page, f"Museum {width}", f"guest-home-{width}")
    follow(page, page.get_by_role("main").get_by_role("link", name="Invited people").last)
    look(page, page, "Invited people", f"guests-{width}")

    page.goto(f"{town.url}/my/sign-in")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("[data-flash=success]")).to_contain_text("Removed")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    look(page, page, "This did not work", f"guest-refused-{width}")


def test_who_cancels_may_try_again(open_browser: OpenBrowser, town: Town) -> None:
    page = open_browser().new_page()
    authenticator(page)  # without any passkey of ours
    page.goto(f"{town.url}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("[data-passkey-failed]")).to_contain_text("It did not work", timeout=90_000)


def test_without_scripts_the_page_says_what_else_there_is(open_browser: OpenBrowser, town: Town) -> None:
    page = open_browser(java_script_enabled=False).new_page()
    page.goto(f"{town.url}/sign-in")
    expect(page.get_by_text("This browser offers no passkeys")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    expect(page.get_by_text("for a new personal link")).to_be_visible()


def test_inside_an_lms_page_a_window_of_its_own_is_offered(open_browser: OpenBrowser, town: Town) -> None:
    _page, frame = enter(open_browser(), town.school, PUPIL, town.school.add_link(COURSE, "Home"))
    frame.goto(f"{town.url}/sign-in")
    expect(frame.get_by_role("link", name="Open in a new tab")).to_be_visible()
    expect(frame.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
