"""The way of one assignment in a browser: made, joined, handed in on a phone, graded, delivered."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.conftest import OpenBrowser, enter
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER, School


def saved(frame: Frame, text: str) -> None:
    expect(frame.locator("[data-flash=success]")).to_contain_text(text)


def make_course(frame: Frame, page: Page, title: str) -> str:
    """A published course with a page and an assignment; its join code."""
    frame.get_by_role("link", name="New shared course").click()
    look(frame, page, "New shared course", "course-form")
    frame.get_by_label("Title").fill(title)
    frame.get_by_role("button", name="Save").click()
    look(frame, page, title, "course-without-content")
    frame.get_by_role("link", name="Add a page").click()
    look(frame, page, "New page", "page-form")
    frame.get_by_label("Title").fill("About water")
    frame.get_by_label("Text", exact=True).fill("# Water\n\nRead it **closely**.")
    frame.get_by_role("button", name="Save").click()
    frame.get_by_role("link", name="Add an assignment").click()
    look(frame, page, "New assignment", "assignment-form")
    frame.get_by_label("Title").fill("A report on water")
    frame.get_by_role("button", name="Save").click()
    look(frame, page, title, "course-of-the-host")
    frame.get_by_role("link", name="Schools and join code").click()
    frame.get_by_role("button", name="Publish the course").click()
    saved(frame, "published")
    look(frame, page, "Schools and join code", "schools-and-code")
    return frame.get_by_label("Join code").input_value()


def join(frame: Frame, page: Page, code: str, title: str) -> None:
    frame.get_by_role("link", name="Schools Together").click()
    frame.get_by_role("link", name="Join a course").click()
    look(frame, page, "Join a shared course", "join")
    frame.get_by_label("code").first.fill(code)
    frame.get_by_role("button", name="Join with the code").click()
    look(frame, page, title, "class-in-a-course")
    frame.get_by_role("link", name="Schools Together").click()
    expect(frame.get_by_role("main")).to_contain_text(title)
    look(frame, page, "Ecology, Year 7", "home-of-a-teacher")


def place(school: School, frame: Frame, title: str) -> int:
    """An activity of the LMS that opens the assignment; the frame shows the assignment afterwards."""
    frame.get_by_role("link", name=title, exact=True).click()
    frame.get_by_role("link", name="A report on water", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("A report on water")
    return school.add_link(COURSE, "Report", custom={"content": f"activity:{frame.url.rpartition('/')[2]}"})


def hand_in(phone: BrowserContext, school: School, link: int, photo: Path) -> None:
    """A pupil types, comes back later, adds a file, looks at all of it and hands it in."""
    page, frame = enter(phone, school, PUPIL, link)
    frame.get_by_label("Your answer").fill("My answer")
    expect(frame.get_by_text("Saved at")).to_be_visible()
    look(frame, page, "A report on water", "work-of-a-pupil")
    page, frame = enter(phone, school, PUPIL, link)
    expect(frame.get_by_label("Your answer")).to_have_value("My answer")
    frame.get_by_role("button", name="Add files").set_input_files(photo)
    frame.get_by_role("button", name="Hand in…").click()
    look(frame, page, "Hand in", "hand-in")
    with page.expect_download() as download:
        frame.get_by_role("link", name=photo.name).click()
    assert download.value.suggested_filename == photo.name
    assert Path(download.value.path()).read_bytes() == photo.read_bytes()
    frame.get_by_role("button", name="Hand in").click()
    saved(frame, "Handed in")


def grade(frame: Frame, page: Page) -> None:
    """From the assignment to the one work that waits."""
    frame.get_by_role("link", name="Works").click()
    look(frame, page, "Works: A report on water", "works")
    frame.locator(".list-group a").first.click()
    expect(frame.get_by_role("main")).to_contain_text("My answer")
    frame.get_by_label("Points").fill("8,5")
    look(frame, page, "", "grading")
    frame.get_by_role("button", name="Save the grade").click()
    expect(frame.locator("[data-flash=success]")).to_be_visible()


def compare(frame: Frame, page: Page, town: Town, link: int) -> None:
    """All agrees; then a teacher changes the grade in the LMS, and it is found and kept."""
    state = frame.locator("#comparison [role=status]")
    column = next(each for each in town.school.columns() if each["resource_link_id"] == str(link))
    for said in ("Everything agrees.", "1 grade is not the same"):
        if said != "Everything agrees.":
            town.school.override(column["id"], PUPIL, 40)
        frame.get_by_role("button", name="Compare now").click()
        expect(state).to_contain_text("are being read")
        town.run_jobs()
        expect(state).to_contain_text(said)
    look(frame, page, "Gradebook", "gradebook-with-a-difference")
    frame.get_by_role("link", name="Look at the differences").click()
    look(frame, page, "Differences to the gradebooks", "differences")
    page.set_viewport_size({"width": 360, "height": 800})
    look(frame, page, "Differences to the gradebooks", "differences-on-a-phone")
    frame.get_by_role("button", name="Keep the LMS's grade").click()
    frame.get_by_role("dialog").get_by_role("button", name="Yes").click()
    saved(frame, "1 grade of the LMS stays.")
    look(frame, page, "Differences to the gradebooks", "nothing-differs-any-more")


@pytest.mark.parametrize("blocks", [False, True], ids=["cookies", "no cookies"])
def test_one_assignment_from_the_course_to_the_gradebook(
    open_browser: OpenBrowser, town: Town, tmp_path: Path, blocks: bool
) -> None:
    title = "Clean rivers" if blocks else "Acid rain"
    town.school.switch(storage="parent" if blocks else "off")
    home = town.school.add_link(COURSE, "Together", graded=False)
    page, teacher = enter(open_browser(blocks=blocks), town.school, TEACHER, home)
    join(teacher, page, make_course(teacher, page, title), title)
    link = place(town.school, teacher, title)
    photo = tmp_path / "вода.txt"
    photo.write_text("H2O", encoding="utf-8")
    phone = open_browser(blocks=blocks, width=360)
    hand_in(phone, town.school, link, photo)
    grade(teacher, page)
    town.run_jobs()
    assert town.school.scores(link) == {str(PUPIL): 85.0}
    pupil_page, pupil = enter(phone, town.school, PUPIL, link)
    expect(pupil.get_by_role("main")).to_contain_text("8.5")
    look(pupil, pupil_page, "A report on water", "graded-work")
    teacher.get_by_role("link", name=title).first.click()
    teacher.get_by_role("link", name="Gradebook").click()
    look(teacher, page, "Gradebook", "gradebook")
    expect(teacher.get_by_role("main")).to_contain_text("delivered", ignore_case=True)
    compare(teacher, page, town, link)
