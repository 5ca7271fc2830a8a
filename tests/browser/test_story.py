"""The way of one assignment through two schools, in a browser: made, joined, handed in, graded, delivered."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import OpenBrowser, enter
from tests.browser.look import accessible, fits, shot, touchable
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER, School


def look(frame: Frame, page: Page, name: str) -> None:
    """Every page on the way can be read and touched by everyone."""
    accessible(frame)
    fits(frame)
    touchable(frame)
    shot(page, name)


def heading(frame: Frame, text: str) -> None:
    expect(frame.get_by_role("heading", level=1)).to_contain_text(text)


def make_course(frame: Frame, page: Page, title: str) -> None:
    """A published course with a page and an assignment; ends on the page of its schools."""
    frame.get_by_role("link", name="New shared course").click()
    frame.get_by_label("Title").fill(title)
    look(frame, page, "course-form")
    frame.get_by_role("button", name="Save").click()
    heading(frame, title)
    frame.get_by_role("link", name="Add a page").click()
    frame.get_by_label("Title").fill("О воде")
    frame.get_by_label("Text").fill("# Вода\n\nПрочтите **внимательно**.")
    frame.get_by_role("button", name="Save").click()
    heading(frame, title)
    frame.get_by_role("link", name="Add an assignment").click()
    frame.get_by_label("Title").fill("Отчёт о воде")
    look(frame, page, "assignment-form")
    frame.get_by_role("button", name="Save").click()
    heading(frame, title)
    look(frame, page, "course-of-the-host")
    frame.get_by_role("link", name="Schools and join code").click()
    frame.get_by_role("button", name="Publish the course").click()
    expect(frame.get_by_text("published")).to_be_visible()
    look(frame, page, "schools-and-code")


def join(frame: Frame, page: Page, code: str, title: str) -> None:
    frame.get_by_role("link", name="Join a course").click()
    look(frame, page, "join")
    frame.get_by_role("textbox").fill(code)
    frame.get_by_role("button", name="Join").first.click()
    frame.get_by_role("link", name="Schools Together").click()
    expect(frame.get_by_role("main")).to_contain_text(title)
    look(frame, page, "home-of-a-teacher")


def placed(school: School, frame: Frame, title: str) -> int:
    """An activity of the LMS that opens the assignment."""
    frame.get_by_role("link", name=title, exact=True).click()
    frame.get_by_role("link", name="Отчёт о воде").first.click()
    heading(frame, "Отчёт о воде")
    return school.add_link(COURSE, "Отчёт", custom={"content": f"activity:{frame.url.rpartition('/')[2]}"})


@pytest.mark.parametrize("blocks", [False, True], ids=["cookies", "no cookies"])
def test_one_assignment_through_two_schools(
    open_browser: OpenBrowser, town: Town, tmp_path: Path, blocks: bool
) -> None:
    title = f"Экология {blocks}"
    for school in (town.school, town.other):
        school.switch(storage="parent" if blocks else "off")
    home = town.school.add_link(COURSE, "Совместно", graded=False)
    page, frame = enter(open_browser(blocks=blocks), town.school, TEACHER, home)
    make_course(frame, page, title)
    code = frame.get_by_label("Join code").input_value()
    frame.get_by_role("link", name="Schools Together").click()
    join(frame, page, code, title)
    link = placed(town.school, frame, title)

    phone = open_browser(blocks=blocks, width=360)
    pupil_page, pupil = enter(phone, town.school, PUPIL, link)
    heading(pupil, "Отчёт о воде")
    pupil.get_by_label("Your answer").fill("Мой ответ")
    expect(pupil.get_by_text("Saved at")).to_be_visible()
    look(pupil, pupil_page, "work-of-a-pupil")
    pupil_page, pupil = enter(phone, town.school, PUPIL, link)
    expect(pupil.get_by_label("Your answer")).to_have_value("Мой ответ")
    photo = tmp_path / "вода.txt"
    photo.write_text("H2O", encoding="utf-8")
    pupil.get_by_label("Add files").set_input_files(photo)
    pupil.get_by_role("button", name="Hand in…").click()
    heading(pupil, "Hand in")
    look(pupil, pupil_page, "hand-in")
    with pupil_page.expect_download() as download:
        pupil.get_by_role("link", name="вода.txt").click()
    assert download.value.suggested_filename == "вода.txt"
    assert download.value.path().read_text(encoding="utf-8") == "H2O"
    pupil.get_by_role("button", name="Hand in").click()
    expect(pupil.locator("[data-flash=success]")).to_contain_text("Handed in")

    heading(frame, "Отчёт о воде")
    frame.get_by_role("link", name="Works").click()
    look(frame, page, "works")
    frame.locator(".list-group a").first.click()
    expect(frame.get_by_role("main")).to_contain_text("Мой ответ")
    frame.get_by_label("Points").fill("8,5")
    look(frame, page, "grading")
    frame.get_by_role("button", name="Save").first.click()
    expect(frame.locator("[data-flash=success]")).to_be_visible()
    town.run_jobs()
    assert town.school.scores(link) == {str(PUPIL): 85.0}

    _page, pupil = enter(phone, town.school, PUPIL, link)
    expect(pupil.get_by_role("main")).to_contain_text("8.5")
    look(pupil, pupil_page, "graded-work")
    frame.get_by_role("link", name=title).first.click()
    frame.get_by_role("link", name="Gradebook").click()
    expect(frame.get_by_role("main")).to_contain_text("delivered", ignore_case=True)
    look(frame, page, "gradebook")
