"""A school joins: the operator invites, the school's administrator registers inside the LMS, the operator lets it in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenBrowser, follow, tool_frame
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import ADMIN


def sign_in(page: Page, town: Town) -> None:
    told = town.tool.test_cli_runner().invoke(args=["operator", "invite", "Olga"])
    address = re.findall(r"http\S+", told.output)[0]
    page.goto(address)
    look(page, page, "Sign in as an operator", "operator-sign-in")
    page.get_by_role("button", name="Sign in").click()
    look(page, page, "Overview of the hub", "operator-overview")


def invite(page: Page, name: str) -> str:
    """A registration address for a new organization."""
    page.get_by_role("link", name="Add an organization").click()
    look(page, page, "Add an organization", "organization-form")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Department").fill("Education")
    page.get_by_role("button", name="Save").click()
    look(page, page, name, "organization")
    page.get_by_role("button", name="Make a registration address").click()
    look(page, page, "Registration address", "invitation")
    return page.get_by_label("Registration address").input_value()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_school_joins(open_browser: OpenBrowser, town: Town, width: int) -> None:
    name = f"Lyceum {width}"
    operator = open_browser(blocks=True, width=width).new_page()
    sign_in(operator, town)
    address = invite(operator, name)

    school = open_browser(blocks=True, width=width)
    assert school.request.post(f"{town.school.url}/sandbox/login", data={"person": ADMIN}).ok
    page = school.new_page()
    page.goto(f"{town.school.url}/admin/tools")
    page.get_by_label("Registration URL").fill(address)
    page.get_by_role("button", name="Add the tool").click()
    frame = tool_frame(page)
    look(frame, page, f"Register the LMS of {name}", f"register-{width}")
    frame.get_by_role("button", name="Register the tool").click()
    look(frame, page, "The tool is registered", f"registered-{width}")
    frame.get_by_role("button", name="Close").click()
    page.wait_for_url("**/admin/tools")

    follow(operator, operator.get_by_role("link", name="Overview"))
    follow(operator, operator.get_by_role("link", name=name).first)
    look(operator, operator, "", f"registration-{width}")
    operator.get_by_role("button", name="Approve").click()
    operator.get_by_role("button", name="Yes").click()
    expect(operator.locator("[data-flash=success]")).to_contain_text("Approved")
    operator.get_by_role("button", name="Check now").click()
    expect(operator.locator("#check")).to_contain_text("Check")
    town.run_jobs()
    expect(operator.locator("#check")).to_contain_text("Checked", timeout=20_000)
    look(operator, operator, "", f"checked-{width}")
    for link in ("Organizations", "Registrations", "Who may do what"):
        follow(operator, operator.get_by_role("link", name=link, exact=True))
        look(operator, operator, link, f"operator-{link.lower().replace(' ', '-')}-{width}")
    follow(operator, operator.get_by_role("button", name="Sign out"))
    expect(operator.get_by_role("button", name="Sign out")).to_have_count(0)


def test_values_for_registering_by_hand(open_browser: OpenBrowser, town: Town) -> None:
    page = open_browser(width=360).new_page()
    page.goto(f"{town.url}/")
    look(page, page, "Schools Together", "welcome")
    follow(page, page.get_by_role("link", name="Values for registering by hand"))
    look(page, page, "", "values")
