"""What a newcomer finds after `make run`: two schools in the middle of a shared course, and a list of what to click.

Everything is done the way people do it: entering from a course, filling in the tool's forms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import requests

from .browser import TIMEOUT, Browser, Form, read_forms
from .plot import ANSWERS, COMMENTS, RIVERS, WEATHER, Plot
from .seed import FIRST_COURSE_ID, FIRST_PUPIL_ID, TEACHER_ID

TITLES = ("Школы вместе", "Schools Together")
HANDED_IN, GRADED, DRAFTS = 7, 9, 2
"""Pupils of each school who have handed in; works with a grade; further pupils of each school with a draft."""


class School:
    """One school's LMS, by its control interface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False

    def control(self, method: str, path: str, **body: Any) -> Any:
        """A call of the JSON interface; raises requests.HTTPError."""
        answer = self.http.request(method, f"{self.url}/sandbox{path}", json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def links(self) -> list[dict[str, Any]]:
        """Activities of the first course."""
        found: list[dict[str, Any]] = self.control("GET", f"/courses/{FIRST_COURSE_ID}/links")
        return found

    def tool(self) -> int:
        """Id of the tool registered last."""
        return int(self.control("GET", "/state")["tools"][-1]["id"])


class Person(Browser):
    """Someone of a school at a browser."""

    def __init__(self, school: School, person_id: int) -> None:
        super().__init__()
        self.school, self.person_id = school, person_id

    def enter(self, **where: Any) -> requests.Response:
        """From the LMS to the page of the tool a launch leads to."""
        told = self.school.control("POST", "/launches", person=self.person_id, **where)
        asked = self.submit(Form(told["action"], "post", told["fields"]))
        return self.submit(read_forms(asked.text, asked.url)[0])

    def fill(self, page: requests.Response, part: str, **typed: Any) -> requests.Response:
        """Send the form of a page whose address holds `part`."""
        form = next(form for form in self.posting(page) if part in form.action)
        return self.submit(form, **typed)


def begin(schools: Sequence[str]) -> None:
    """Put the tool into the first course of each school, and a course half-way through into the tool; once."""
    first, second = (School(url) for url in schools)
    for school, title in zip((first, second), TITLES, strict=True):
        if not school.links():
            school.control("POST", f"/courses/{FIRST_COURSE_ID}/links", tool=school.tool(), title=title)
    if len(first.links()) > 1:
        return
    host, partner = Person(first, TEACHER_ID), Person(second, TEACHER_ID)
    homes = [teacher.enter(link=teacher.school.links()[0]["id"]) for teacher in (host, partner)]
    course, code = _write(host, homes[0], RIVERS)
    _write(partner, homes[1], WEATHER)
    for teacher, home in zip((host, partner), homes, strict=True):
        _join(teacher, home, code)
        _place(teacher, course)
    for teacher in (host, partner):
        _work(teacher.school)
    _grade(host, homes[0])


def _tool(page: requests.Response) -> str:
    """The tool's own address, from any of its pages."""
    return re.match(r"https?://[^/]+", page.url)[0]  # type: ignore[index]  # the page has an address


def _write(teacher: Person, home: requests.Response, plot: Plot) -> tuple[str, str]:
    """A published course, offered to every organization: its address and its join code."""
    new = teacher.open(f"{_tool(home)}/courses/new")
    texts = {"title": plot.title, "description": plot.description, "language": plot.language}
    course = teacher.fill(new, "/courses/new", action="save", **texts).url
    for task in plot.tasks:
        kind = "assignment" if task.points else "page"
        form = teacher.open(f"{course}/activities/new/{kind}")
        graded = {"points": str(task.points), "accept_text": "y", "accept_files": "y"} if task.points else {}
        teacher.fill(form, "/activities/new", title=task.title, body=task.body, published="y", action="save", **graded)
    sharing = teacher.open(f"{course}/sharing")
    teacher.fill(sharing, "/sharing", action="publish")
    everyone = re.findall(r'name="chosen" value="(\d+)"', sharing.text)
    offer = next(form for form in teacher.posting(sharing) if "shown" in form.fields)
    teacher.submit(offer, action="offer", shown=everyone, chosen=everyone)
    code = re.search(r'readonly value="([A-Z0-9-]+)"', sharing.text)
    return course, code[1] if code else ""


def _join(teacher: Person, home: requests.Response, code: str) -> None:
    """Let the teacher's class take part."""
    path = re.search(r'href="(/courses/join/\d+)"', home.text)
    if path:
        teacher.fill(teacher.open(_tool(home) + path[1]), "/courses/join", code=code)


def _place(teacher: Person, course: str) -> None:
    """The course and its graded activities as activities of the LMS course, by deep linking."""
    school = teacher.school
    picker = teacher.enter(message="LtiDeepLinkingRequest", course=FIRST_COURSE_ID, tool=school.tool())
    whole = f"course:{course.rpartition('/')[2]}"
    offered = re.findall(r'value="((?:course|activity):\d+)"', picker.text)
    place = offered.index(whole)
    ours = [whole, *(each for each in offered[place + 1 : place + 3] if each.startswith("activity:"))]
    answer = teacher.fill(picker, "/selection/", content=ours)
    draft = teacher.submit(next(form for form in read_forms(answer.text, answer.url) if "JWT" in form.fields))
    number = re.search(r"/drafts/(\d+)", draft.text)
    if number:
        school.control("POST", f"/drafts/{number[1]}/save")


def _work(school: School) -> None:
    """Pupils hand in the first assignment; some only begin."""
    link = next(each["id"] for each in school.links() if "activity:" in each["custom"])
    for number in range(HANDED_IN + DRAFTS):
        pupil = Person(school, FIRST_PUPIL_ID + number)
        page = pupil.enter(link=link)
        text = ANSWERS[(number + len(school.url) + int(school.url[-1])) % len(ANSWERS)]
        done = number < HANDED_IN
        check = pupil.fill(page, "/work", text=text, action="check" if done else "save")
        if done:
            pupil.fill(check, "/hand-in")


def _grade(host: Person, home: requests.Response) -> None:
    """The host grades the works that have waited longest."""
    activity = next(each["custom"] for each in host.school.links() if "activity:" in each["custom"])
    number = re.sub(r"\D", "", activity.partition("activity:")[2])
    listed = host.open(f"{_tool(home)}/courses/activities/{number}/works")
    waiting = re.findall(rf'href="(/courses/activities/{number}/works/\d+)"', listed.text)
    for place, path in enumerate(waiting[:GRADED]):
        points, comment = COMMENTS[place % len(COMMENTS)]
        work = host.open(_tool(home) + path)
        grade = next(form for form in host.posting(work) if "points" in form.fields)
        host.submit(grade, points=str(points), comment=comment)


def what_to_click(ports: Sequence[int]) -> list[str]:
    """The first steps, in words."""
    first, second = ports
    return [
        "What to click:",
        f"  1. http://localhost:{first}: Мария Белова (teacher), «Экология 7 класс», «{RIVERS.title}»: works to grade.",
        f"  2. http://localhost:{second}: Margaret Hall (teacher), “Ecology, Year 7”: the same course from a partner's side.",
        "  3. The same as a pupil: «Сменить человека» / “Switch person”, then any name; the LMS's own gradebook.",
        "  4. «Сбои» / “Faults” lets a school's LMS be slow, broken or forgetful.",
    ]
