"""An assignment from its rubric to the released grades: the host and another school's pupil, each in the own language and
width, in the frames of their LMSs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.models import CourseTeacher, Participation, SharedCourse
from tests.browser.conftest import OpenBrowser, enter, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.browser.test_progress import context_of, identity_of
from tests.lms import COURSE, PUPIL, TEACHER, School

SUM = re.compile(r"7[.,]5")
"""Six of eight points of the rubric, of the assignment's ten."""


def _course(town: Town, host: School, home: School, title: str) -> int:
    """A published course of both classes."""
    with town.tool.test_request_context(), unit_of_work():
        teacher = identity_of(host, TEACHER)
        course = SharedCourse(
            organization_id=teacher.registration.organization_id, title=title, join_code=title[-8:], state="published"
        )
        db.session.add(course)
        db.session.flush()
        db.session.add(CourseTeacher(course_id=course.id, identity_id=teacher.id))
        for school in (host, home):
            part = Participation(course_id=course.id, context_id=context_of(school).id, joined_by_id=teacher.id)
            db.session.add(part)
        return course.id


def _write(frame: Frame, page: Page, mark: str) -> None:
    """The task with a rubric: late work loses points, grades are kept back, no names beside the works."""
    follow(frame, frame.locator("a[href$='/activities/new/assignment']"))
    frame.locator("[name=title]").fill(f"Essay {mark}")
    frame.locator("[name=points]").fill("10")
    frame.locator("[name=due_at]").fill(f"{utcnow() - timedelta(days=1):%Y-%m-%dT%H:%M}")
    frame.locator("form details").evaluate_all("all => all.forEach(one => { one.open = true })")
    frame.locator("[name=late_rule][value=deduct]").check()
    for name in ("improves", "held", "anonymous", "published"):
        frame.locator(f"[name={name}]").check()
    look(frame, page, "", f"{mark}-form")
    follow(frame, frame.locator("button[name=action][value=save]").first)
    follow(frame, frame.get_by_role("link", name=f"Essay {mark}", exact=True))
    look(frame, page, "Essay", f"{mark}-empty")
    follow(frame, frame.locator("a[href$='/rubric']"))
    look(frame, page, "Essay", f"{mark}-rubric-form")
    for row, name in enumerate(("Sources", "Language")):
        frame.locator(f"[name=title-{row}]").fill(name)
        for level, text in enumerate(("Weak", "Fair", "Strong in every part of the text")):
            frame.locator(f"[name=points-{row}-{level}]").fill(str(level * 2))
            frame.locator(f"[name=text-{row}-{level}]").fill(text)
        follow(frame, frame.locator("button[name=action][value=more]"))
    follow(frame, frame.locator("button[name=action][value=save]"))


def _more_time(frame: Frame, page: Page, mark: str) -> None:
    follow(frame, frame.locator("a[href$='/works']"))
    look(frame, page, "Essay", f"{mark}-nothing-to-grade")
    follow(frame, frame.locator("a[href$='/extensions']"))
    frame.locator("[name=due_at]").fill(f"{utcnow() + timedelta(days=2):%Y-%m-%dT%H:%M}")
    frame.locator("[name=reason]").fill("Our bus was late")
    frame.locator("[name=class]").first.check()
    follow(frame, frame.locator("form[data-draft^=extension] button.btn-primary"))
    look(frame, page, "Essay", f"{mark}-extensions")


def _hand_in(context: BrowserContext, school: School, link: int, title: str, mark: str) -> None:
    page, frame = enter(context, school, PUPIL, link)
    follow(frame, frame.get_by_role("link", name=title, exact=True))
    follow(frame, frame.get_by_role("link", name=f"Essay {mark}", exact=True))
    frame.locator("details > summary").first.click()
    look(frame, page, "Essay", f"{mark}-pupil")
    frame.locator("#text").fill("The lake is clean.\n\nWe measured it three times.")
    follow(frame, frame.locator("button[name=action][value=check]"))
    look(frame, page, "", f"{mark}-check")
    follow(frame, frame.locator("main form button.btn-primary"))
    look(frame, page, "Essay", f"{mark}-handed-in")


def _mark(frame: Frame, page: Page, mark: str) -> None:
    """By the keyboard's and the rubric's means; nobody is told until all are released."""
    follow(frame, frame.locator("a[href$='/works']"))
    look(frame, page, "Essay", f"{mark}-works")
    follow(frame, frame.locator("a[href*='/works/-']"))
    frame.locator("#level-0-2").check()
    frame.locator("#level-1-1").check()
    expect(frame.locator("[data-rubric-sum]")).to_have_text(SUM)
    frame.locator("[name=comment]").fill("**Well** measured.")
    look(frame, page, "", f"{mark}-marking")
    follow(frame, frame.locator("form[data-grading] button.btn-primary"))
    look(frame, page, "", f"{mark}-marked")


@pytest.mark.parametrize(("host", "wide"), [("ru", "host"), ("en", "pupil")], ids=["Russian host", "English host"])
def test_rubric_late_more_time_kept_back_released(open_browser: OpenBrowser, town: Town, host: str, wide: str) -> None:
    at, home = (town.other, town.school) if host == "ru" else (town.school, town.other)
    title, mark = f"Lakes of {host} {wide}", f"assignment-{host}-{wide}-wide"
    links = {school: school.add_link(COURSE, "Together", graded=False) for school in (at, home)}
    teacher = open_browser(width=1280 if wide == "host" else 375)
    pupil = open_browser(width=1280 if wide == "pupil" else 375)
    for context, school, person in ((teacher, at, TEACHER), (pupil, home, PUPIL)):
        enter(context, school, person, links[school])[1].get_by_role("heading", level=1).wait_for()
    town.run_jobs()
    course = _course(town, at, home, title)

    page, frame = enter(teacher, at, TEACHER, links[at])
    follow(frame, frame.get_by_role("link", name=title, exact=True))
    _write(frame, page, mark)
    _more_time(frame, page, mark)
    _hand_in(pupil, home, links[home], title, mark)

    page, frame = enter(teacher, at, TEACHER, links[at])
    follow(frame, frame.get_by_role("link", name=title, exact=True))
    follow(frame, frame.get_by_role("link", name=f"Essay {mark}", exact=True))
    _mark(frame, page, mark)
    hers, seen = enter(pupil, home, PUPIL, links[home])
    follow(seen, seen.get_by_role("link", name=title, exact=True))
    follow(seen, seen.get_by_role("link", name=f"Essay {mark}", exact=True))
    expect(seen.locator("main")).not_to_contain_text("measured.**")
    expect(seen.locator("main")).not_to_contain_text(SUM)

    follow(frame, frame.locator(f"a[href='/courses/{course}']").first)
    follow(frame, frame.get_by_role("link", name=f"Essay {mark}", exact=True))
    follow(frame, frame.locator("a[href$='/works']"))
    frame.locator("form[action$='/release'] button").click()
    follow(frame, frame.locator("dialog[open] button[value=yes]"))
    look(frame, page, "Essay", f"{mark}-released")

    hers, seen = enter(pupil, home, PUPIL, links[home])
    follow(seen, seen.get_by_role("link", name=title, exact=True))
    follow(seen, seen.get_by_role("link", name=f"Essay {mark}", exact=True))
    expect(seen.locator("main")).to_contain_text(SUM)
    look(seen, hers, "Essay", f"{mark}-grade")
