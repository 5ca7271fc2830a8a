"""Arranging a course by mouse and by keys, writing with the toolbar, and what a pupil sees of it on a phone."""

from __future__ import annotations

from playwright.sync_api import Frame, Locator, Page, expect

from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.browser.test_story import join, saved
from tests.lms import COURSE, PUPIL, TEACHER

TITLE = "Rivers and seas"


def add(frame: Frame, link: str, title: str) -> None:
    frame.get_by_role("link", name=link, exact=True).first.click()
    frame.get_by_label("Title").fill(title)
    frame.get_by_role("button", name="Save").click()
    saved(frame, "is added")


def order(frame: Frame) -> list[str]:
    return frame.locator(".unit-head h3, .activity-what > a").all_text_contents()


def drag(page: Page, handle: Locator, target: Locator) -> None:
    """As a hand does it: not in one leap."""
    handle.scroll_into_view_if_needed()

    def go_to(place: Locator) -> None:
        box = place.bounding_box()
        assert box
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2, steps=10)

    go_to(handle)
    page.mouse.down()
    for _twice in range(2):  # what is dragged leaves its place, and everything below moves up
        go_to(target)
    page.mouse.up()


def write_page(frame: Frame, page: Page) -> None:
    """With the buttons alone, and a formula and a video."""
    frame.get_by_role("link", name="Add a page").click()
    frame.get_by_label("Title").fill("About water")
    text = frame.get_by_label("Text", exact=True)
    frame.get_by_role("button", name="Heading").click()
    expect(text).to_have_value("## Heading")
    text.press("End")
    text.press("Enter")
    frame.get_by_role("button", name="Bold").press("Enter")
    expect(text).to_have_value("## Heading\n**bold text**")
    text.fill(text.input_value() + "\n\n$E=mc^2$\n\nhttps://rutube.ru/video/0123456789abcdef0123456789abcdef/")
    frame.get_by_role("button", name="Preview").click()
    expect(frame.locator("#preview math")).to_be_visible()
    expect(text).to_be_visible()
    look(frame, page, "New page", "page-form-with-preview")
    frame.get_by_role("button", name="Save").click()
    saved(frame, "is added")


def test_a_course_is_arranged_and_read(open_browser: OpenBrowser, town: Town) -> None:
    home = town.school.add_link(COURSE, "Together", graded=False)
    page, frame = enter(open_browser(), town.school, TEACHER, home)
    frame.get_by_role("link", name="New shared course").click()
    frame.get_by_label("Title").fill(TITLE)
    frame.get_by_role("button", name="Save").click()
    write_page(frame, page)
    add(frame, "Add files or a link", "A map")
    add(frame, "Add a unit", "Week 1")
    add(frame, "Add a unit", "Week 2")
    course = frame.locator("[data-draggable]")
    expect(course).to_be_visible()
    assert order(frame) == ["About water", "A map", "Week 1", "Week 2"]

    handle = frame.get_by_role("link", name="Move: A map")
    handle.focus()
    handle.press("ArrowUp")
    expect(frame.locator("#page-says")).to_contain_text("Moved: A map, 1 of 2")
    handle.press("ArrowDown")
    expect(frame.locator("#page-says")).to_contain_text("Moved: A map, 2 of 2")
    handle.press("ArrowDown")
    expect(frame.locator(".unit", has_text="Week 1").locator(".activity-row")).to_contain_text("A map")
    expect(handle).to_be_focused()

    drag(
        page,
        frame.get_by_role("link", name="Move: About water"),
        frame.locator(".unit", has_text="Week 2").locator("ol"),
    )
    expect(frame.locator("#page-says")).to_contain_text("Moved: About water, 1 of 1")
    assert order(frame) == ["Week 1", "A map", "Week 2", "About water"]
    look(frame, page, TITLE, "course-with-units")
    follow(frame, frame.locator(".unit", has_text="Week 2").locator(".unit-tools [data-handle]"))
    look(frame, page, "Move: Week 2", "move")
    frame.get_by_label("Where to").select_option("before “Week 1”")
    frame.get_by_role("button", name="Move here").click()
    saved(frame, "Moved.")
    assert order(frame) == ["Week 2", "About water", "Week 1", "A map"]
    frame.get_by_role("link", name="Schools and join code").click()
    frame.get_by_role("button", name="Publish the course").click()
    code = frame.get_by_label("Join code").input_value()
    join(frame, page, code, TITLE)
    preview(frame, page)
    read_on_a_phone(open_browser, town, home)


def preview(frame: Frame, page: Page) -> None:
    frame.get_by_role("link", name=TITLE, exact=True).first.click()
    frame.get_by_text("More", exact=True).click()
    frame.get_by_role("link", name="Look as a pupil").click()
    look(frame, page, "Look as a pupil", "look-as-a-pupil")
    frame.get_by_role("link", name="Riverside School").click()
    expect(frame.get_by_text("Nothing is written.")).to_be_visible()
    look(frame, page, TITLE, "course-through-a-pupils-eyes")
    frame.get_by_role("link", name="About water").click()
    look(frame, page, "About water", "page-through-a-pupils-eyes")
    expect(frame.get_by_text("Nothing is written.")).to_be_visible()
    frame.get_by_role("link", name="Leave").click()
    expect(frame.get_by_text("Nothing is written.")).to_be_hidden()
    expect(frame.get_by_role("link", name="Edit", exact=True)).to_be_visible()


def read_on_a_phone(open_browser: OpenBrowser, town: Town, home: int) -> None:
    page, frame = enter(open_browser(width=375), town.school, PUPIL, home)
    frame.get_by_role("link", name=TITLE).click()
    look(frame, page, TITLE, "course-of-a-pupil-on-a-phone")
    fold = frame.locator(".unit", has_text="Week 1")
    fold.locator("summary").click()
    expect(frame.get_by_role("link", name="A map")).to_be_hidden()
    frame.get_by_role("link", name="About water").click()
    expect(frame.locator("math")).to_be_visible()
    expect(frame.get_by_text("rutube.ru then learns that you watch it.")).to_be_visible()
    look(frame, page, "About water", "page-on-a-phone")
    frame.get_by_role("link", name=TITLE).click()
    expect(frame.get_by_role("link", name="About water")).to_be_visible()
    expect(frame.get_by_role("link", name="A map")).to_be_hidden()
