"""A quiz on a phone: written by its teacher, taken by a pupil whose connection is lost and comes back."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL, TEACHER, School


def write(frame: Frame, page: Page, title: str) -> str:
    """A course with a quiz of four questions, published; its join code."""
    follow(frame, frame.get_by_role("link", name="New shared course"))
    frame.get_by_label("Title").fill(title)
    follow(frame, frame.get_by_role("button", name="Save"))
    follow(frame, frame.get_by_role("link", name="Add a quiz"))
    look(frame, page, "New quiz", "quiz-form")
    frame.get_by_label("Title").fill(f"Quiz: {title}")
    frame.get_by_label("Time limit in minutes").fill("30")
    frame.get_by_label("Questions on a page").fill("2")
    frame.get_by_label("Directly after the attempt: points for each question").check()
    frame.get_by_label("Directly after the attempt: right answers").check()
    follow(frame, frame.get_by_role("button", name="Save", exact=True))
    follow(frame, frame.get_by_role("link", name=f"Quiz: {title}", exact=True))
    look(frame, page, f"Quiz: {title}", "quiz-desk-empty")
    single(frame, page)
    add(frame, "Short answer", "What do fish breathe? $O_2$", {"Answer 1": "oxygen"})
    add(frame, "Matching", "Where do they flow?", {})
    add(frame, "Gaps in a text", "", {"Text with gaps": "The [[Don]] flows into the [[>Azov|Black]] Sea."})
    look(frame, page, f"Quiz: {title}", "quiz-desk")
    rest(frame, page, title)
    follow(frame, frame.get_by_role("link", name=title, exact=True))
    follow(frame, frame.get_by_role("link", name="Schools and join code"))
    follow(frame, frame.get_by_role("button", name="Publish the course"))
    return frame.get_by_label("Join code").input_value()


def single(frame: Frame, page: Page) -> None:
    follow(frame, frame.get_by_role("link", name=re.compile("One right option")))
    look(frame, page, "New question", "quiz-question-new")
    frame.get_by_label("Question", exact=False).first.fill("The longest river of Europe?")
    for number, text in enumerate(("Volga", "Danube", "Don"), start=1):
        frame.get_by_label(f"Option {number}", exact=True).fill(text)
    frame.get_by_label("right: option 1").check()
    follow(frame, frame.get_by_role("button", name="Preview").last)
    expect(frame.get_by_role("heading", name="So pupils see it")).to_be_visible()
    look(frame, page, "New question", "quiz-question-preview")
    follow(frame, frame.get_by_role("button", name="Save", exact=True))


def add(frame: Frame, kind: str, text: str, fields: dict[str, str]) -> None:
    follow(frame, frame.get_by_role("link", name=re.compile(kind)))
    if text:
        frame.locator("#text").fill(text)
    for label, value in fields.items():
        frame.get_by_label(label, exact=False).first.fill(value)
    if kind == "Matching":
        for number, (left, right) in enumerate((("Volga", "Caspian Sea"), ("Danube", "Black Sea"))):
            frame.locator(f"#row-{number}-left").fill(left)
            frame.locator(f"#row-{number}-right").fill(right)
    follow(frame, frame.get_by_role("button", name="Save", exact=True))


def rest(frame: Frame, page: Page, title: str) -> None:
    """The other pages of a teacher."""
    order = frame.locator(".slot-text")
    follow(frame, frame.get_by_role("button", name=re.compile("Move down: The longest")))
    expect(order.first).to_contain_text("fish")
    handle = frame.locator("[data-drag]")
    expect(handle.first).to_be_visible()
    handle.nth(1).drag_to(handle.nth(0), target_position={"x": 5, "y": 1})
    expect(order.first).to_contain_text("longest")
    follow(frame, frame.get_by_role("button", name="Save order and points"))
    expect(order.first).to_contain_text("longest")
    for link, heading, name in (
        ("Try it as a pupil", "As a pupil", "quiz-preview"),
        ("Question bank", "Question bank", "quiz-bank"),
        ("Bring in from a file", "Questions from a file", "quiz-import"),
        ("From the question bank, or at random", "Add from the question bank", "quiz-add"),
        ("More time", "More time", "quiz-extras"),
        ("To mark by hand", "To mark by hand", "quiz-marking"),
    ):
        follow(frame, frame.get_by_role("link", name=link, exact=True).first)
        look(frame, page, heading, name)
        if link == "Bring in from a file":
            bring_in(frame, page)
        home = frame.get_by_role("link", name=f"Quiz: {title}", exact=True)
        if not home.count():
            follow(frame, frame.get_by_role("link", name=title, exact=True))
        follow(frame, home.first)


def bring_in(frame: Frame, page: Page) -> None:
    gift = "::A river::Is the Volga a river? {TRUE}\n\nNo answer here\n\nTwo and two {#4}"
    frame.locator("input#files").set_input_files(
        {"name": "questions.txt", "mimeType": "text/plain", "buffer": gift.encode()}
    )
    expect(frame.locator("[name=files_id]")).to_have_count(1)
    follow(frame, frame.get_by_role("button", name="Look at the file"))
    expect(frame.get_by_text("not taken: 1")).to_be_visible()
    look(frame, page, "Questions from a file", "quiz-import-report")
    follow(frame, frame.get_by_role("button", name="Take 2 questions"))
    expect(frame.locator("[data-flash=success]")).to_be_visible()


def take(context: BrowserContext, school: School, link: int, page: Page, frame: Frame) -> None:
    """Answer while the connection is gone, and hand in when it is back."""
    look(frame, page, "Quiz:", "quiz-front")
    frame.get_by_role("button", name="Begin").click()
    follow(frame, frame.get_by_role("button", name="Yes"))
    look(frame, page, "Quiz:", "quiz-attempt")
    says = frame.locator("[data-quiz-says]")
    frame.get_by_label("Volga").check()
    expect(says).to_have_text("All answers are saved.")
    context.set_offline(True)
    frame.get_by_label("Your answer").fill("Oxygen")
    expect(says).to_contain_text("No connection", timeout=15_000)
    look_offline = frame.locator("[data-remaining]")
    expect(look_offline).to_contain_text("29:")
    context.set_offline(False)
    expect(says).to_have_text("All answers are saved.", timeout=15_000)
    context.set_offline(True)
    frame.get_by_label("Your answer").fill("oxygen")
    expect(says).to_contain_text("No connection", timeout=15_000)
    context.set_offline(False)
    page.reload()  # what was typed without connection comes back with the page


def test_a_quiz_on_a_phone_with_a_lost_connection(open_browser: OpenBrowser, town: Town) -> None:
    home = town.school.add_link(COURSE, "Together", graded=False)
    host = open_browser(width=1280)
    page, frame = enter(host, town.school, TEACHER, home)
    code = write(frame, page, "Rivers")
    page, frame = enter(host, town.school, TEACHER, home)
    follow(frame, frame.get_by_role("link", name="Join a course"))
    frame.get_by_label("Join code").fill(code)
    follow(frame, frame.get_by_role("button", name="Join with the code"))
    with town.tool.app_context():
        number = quiz_number()
    link = town.school.add_link(COURSE, "The quiz", custom={"content": f"activity:{number}"})

    pupil = open_browser(width=375)
    page, frame = enter(pupil, town.school, PUPIL, link)
    take(pupil, town.school, link, page, frame)
    page, frame = enter(pupil, town.school, PUPIL, link)
    follow(frame, frame.get_by_role("link", name="Go on with your attempt"))
    expect(frame.get_by_label("Volga")).to_be_checked()
    follow(frame, frame.get_by_role("button", name="Next"))
    frame.get_by_label("Volga").select_option("Caspian Sea")
    frame.get_by_label("Danube").select_option("Black Sea")
    look(frame, page, "Quiz:", "quiz-attempt-second")
    follow(frame, frame.get_by_role("button", name="To the end…"))
    look(frame, page, "Hand in?", "quiz-finish")
    follow(frame, frame.get_by_role("button", name="Hand in", exact=True))
    look(frame, page, "Attempt 1", "quiz-review")
    town.run_jobs()
    assert [score for score in town.school.scores(link).values() if score is not None]

    page, frame = enter(host, town.school, TEACHER, link)
    follow(frame, frame.get_by_role("link", name="Figures"))
    look(frame, page, "Figures", "quiz-statistics")
    follow(frame, frame.get_by_role("link", name="Questions", exact=True))
    follow(frame, frame.get_by_role("link", name="Mark anew…"))
    look(frame, page, "Mark anew", "quiz-regrade")
    follow(frame, frame.get_by_role("link", name=re.compile("^Quiz:")))
    follow(frame, frame.get_by_role("link", name="Pupils", exact=True))
    follow(frame, frame.get_by_role("link", name=re.compile("Graded")))
    follow(frame, frame.locator(".list-group a").first)
    look(frame, page, "", "quiz-work")


def quiz_number() -> int:
    from sqlalchemy import select  # asked once

    from lti_tool.core.db import db  # the tool runs in this process
    from lti_tool.courses.quizzes.models import Quiz  # its newest quiz

    found = db.session.scalar(select(Quiz.activity_id).order_by(Quiz.activity_id.desc()))
    assert found is not None
    return found
