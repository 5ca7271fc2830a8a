"""The pages about rosters and grades on their way, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser, enter, follow, tool_frame
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import ADMIN, COURSE, PUPIL, TEACHER


@pytest.mark.parametrize("width", [1280, 320])
def test_participants_and_what_changed(open_browser: OpenBrowser, town: Town, width: int) -> None:
    link = town.school.add_link(COURSE, "Together", graded=False)
    enter(open_browser(), town.school, PUPIL, link)
    page, frame = enter(open_browser(width=width), town.school, TEACHER, link)
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    town.run_jobs()
    page.reload()
    frame = tool_frame(page)
    follow(frame, frame.get_by_role("link", name="Participants"))
    look(frame, page, "", f"participants-{width}")
    follow(frame, frame.get_by_role("link", name="All changes"))
    look(frame, page, "", f"changes-{width}")


@pytest.mark.parametrize("width", [1280, 320])
def test_grades_on_their_way(open_browser: OpenBrowser, town: Town, width: int) -> None:
    link = town.school.add_link(COURSE, "Together", graded=False)
    page, frame = enter(open_browser(width=width), town.school, ADMIN, link)
    follow(frame, frame.get_by_role("link", name="Our LMS: settings and check"))
    follow(frame, frame.get_by_role("link", name="Grades on their way"))
    look(frame, page, "Grades on their way", f"deliveries-{width}")
    follow(frame, frame.get_by_role("link", name="Riverside School"))
    follow(frame, frame.get_by_role("link", name="Do the gradebooks agree?"))
    look(frame, page, "Gradebooks compared", f"report-{width}")
