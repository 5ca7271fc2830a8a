"""Joining the hub in a browser: the LMS administrator's page inside the LMS, and the operator's pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lti_tool.core.db import unit_of_work
from lti_tool.people.operators import invite_operator
from tests.browser.conftest import OpenBrowser, enter, follow, tool_frame
from tests.browser.look import accessible, fits, shot, touchable
from tests.browser.servers import Town
from tests.factories.joining import invitation
from tests.lms import ADMIN, COURSE


@pytest.mark.parametrize("blocks", [False, True], ids=["cookies", "no cookies"])
def test_registering_inside_the_lms(open_browser: OpenBrowser, town: Town, blocks: bool) -> None:
    context = open_browser(blocks=blocks, locale="en-GB")
    school = town.school
    before = len(school.tools())
    assert context.request.post(f"{school.url}/sandbox/login", data={"person": ADMIN}).ok
    page = context.new_page()
    page.goto(f"{school.url}/admin/tools")
    page.locator("#url").fill(invitation(town.tool, "Riverside School"))
    page.get_by_role("button", name="Add the tool").click()
    frame = tool_frame(page)
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Riverside School")
    accessible(frame)
    touchable(frame)
    shot(page, f"registering-{'without' if blocks else 'with'}-cookies")
    frame.get_by_role("button", name="Register the tool").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("The tool is registered")
    expect(frame.get_by_text("waiting for approval")).to_be_visible()
    accessible(frame)
    touchable(frame)
    shot(page, "registered")
    frame.get_by_role("button", name="Close and return to the LMS").click()
    page.wait_for_url(f"{school.url}/admin/tools")
    assert len(school.tools()) == before + 1


@pytest.mark.parametrize("width", [1280, 320])
def test_an_operator_at_work(open_browser: OpenBrowser, town: Town, width: int) -> None:
    with town.tool.app_context(), unit_of_work():
        _link, code = invite_operator(actor=None, name="Olga Operator")
    context = open_browser(width=width, locale="en-GB")
    page = context.new_page()
    page.goto(f"{town.url}/operator/sign-in?code={code}")
    accessible(page)
    touchable(page)
    page.get_by_role("button", name="Sign in").click()
    for name in ("Overview", "Organizations", "Registrations", "Who may do what"):
        link = page.get_by_role("navigation", name="Where you are").get_by_role("link", name=name, exact=True)
        follow(page, link)
        shown = page.get_by_role("navigation", name="Where you are").locator("[aria-current=page]")
        expect(shown).to_have_text(name)
        fits(page)
        accessible(page)
        touchable(page)
        shot(page, f"operator-{name.split()[0].lower()}-{width}")
    pages = page.get_by_role("navigation", name="Where you are")
    follow(page, pages.get_by_role("link", name="Organizations", exact=True))
    page.get_by_role("link", name="Riverside School").first.click()
    page.get_by_role("button", name="Make a registration address").click()
    address = page.get_by_label("Registration address", exact=True)
    expect(address).to_have_value(f"{town.url}/lti/register?invite=" + address.input_value().partition("invite=")[2])
    fits(page)
    accessible(page)
    touchable(page)
    page.get_by_role("link", name="Back to the organization").click()
    page.get_by_role("button", name="Take back").first.click()
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("#notices")).to_contain_text("taken back")
    fits(page)
    accessible(page)
    touchable(page)
    follow(page, page.get_by_role("button", name="Sign out"))
    page.goto(f"{town.url}/operator")
    expect(page.get_by_text("operator invite")).to_be_visible()


def test_the_administrator_follows_a_check(open_browser: OpenBrowser, town: Town) -> None:
    school = town.school
    link = school.add_link(COURSE, "Check", graded=False)
    before = school.columns()
    page, frame = enter(open_browser(), school, ADMIN, link)
    frame.get_by_role("link", name="Our LMS: settings and check").click()
    frame.get_by_role("button", name="Check now").click()
    expect(frame.get_by_text("The check is under way")).to_be_visible()
    town.run_jobs()
    expect(frame.get_by_text("A test column was made, changed and removed again.")).to_be_visible()
    expect(frame.get_by_role("button", name="Check now")).to_be_visible()
    fits(frame)
    accessible(frame)
    touchable(frame)
    shot(page, "checked")
    assert school.columns() == before


def test_the_check_works_without_cookies_too(open_browser: OpenBrowser, town: Town) -> None:
    link = town.school.add_link(COURSE, "Check", graded=False)
    context = open_browser(blocks=True)
    page, frame = enter(context, town.school, ADMIN, link)
    with context.expect_page() as opened:
        frame.get_by_role("button").first.click()
    tab = opened.value
    tab.get_by_role("link", name="Our LMS: settings and check").click()
    tab.get_by_role("button", name="Check now").click()
    town.run_jobs()
    expect(tab.get_by_text("A test column was made")).to_be_visible()
    page.close()
