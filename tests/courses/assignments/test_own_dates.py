"""Who has more time is told so on every page, and a mark that is held back is told nowhere before its release."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.assignments.models import Extension
from lti_tool.courses.models import Activity
from tests.courses.assignments.test_assignments import BEFORE, DUE, PUPILS, TASK, add, hand_in, work
from tests.courses.scene import Person, Scene, build
from tests.factories.coordinators import coordinator
from tests.factories.joining import TOOL, in_english
from tests.factories.privacy import form_to
from tests.lms import OTHER_COURSE, PUPIL, School, submit
from tests.statements import counted

FOR_ALL, FOR_CLASS, FOR_ONE = "2026-11-02T12:00", "2026-11-02T14:00", "2026-11-02T15:00"
PROGRESS, WARNINGS = "/courses/1/progress", "/courses/1/progress/warnings"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    with time_machine.travel(BEFORE, tick=False):
        made = build(app, school_a, school_b)
        for name in ("host", "partner", *PUPILS):
            made[name].post("/language", locale="en")
        return made


def calendar_of(person: Person) -> str:
    page = person.get("/calendar").text
    if ".ics" not in page:
        person.post("/calendar", action="renew")
        page = person.get("/calendar").text
    found = re.search(r'value="https://[^/"]+(/calendar/[^"]+\.ics)"', page)
    assert found
    return found[1]


def dates_told(person: Person) -> list[set[str]]:
    """The dates of the task that the pages and the calendar of this person tell."""
    pages = [person.get(path).text for path in (person.home.request.path, "/courses/1", PROGRESS)]
    found = [{date for date in (FOR_ALL, FOR_CLASS, FOR_ONE) if date in page} for page in pages]
    calendar = person.get(calendar_of(person)).text
    return [*found, {date for date in (FOR_ALL, FOR_CLASS, FOR_ONE) if re.sub("[-:]", "", date) in calendar}]


def test_own_dates_hold_on_every_page(scene: Scene) -> None:
    host, own = scene["host"], scene["partner's pupil"]
    with time_machine.travel(BEFORE, tick=False) as clock:
        add(scene, available_until="2026-11-02T13:00")
        extend = f"{TASK}/extensions"
        assert host.post(extend, due_at=FOR_CLASS, reason="Trip", **{"class": "2"}).status_code == 303
        assert dates_told(own) == [{FOR_CLASS}] * 4
        assert FOR_CLASS in host.get("/courses/1?as=2").text
        more = {"due_at": FOR_ONE, "until": "2026-11-02T15:30", "reason": "Ill"}
        assert host.post(extend, **more, pupil=str(scene.pupil_ids[PUPILS[1]])).status_code == 303
        assert dates_told(own) == [{FOR_ONE}] * 4
        assert dates_told(scene["pupil"]) == [{FOR_ALL}] * 4
        for teacher in ("host", "partner"):
            page = scene[teacher].get("/courses/1").text
            assert FOR_ALL in page
            assert FOR_ONE not in page
        clock.move_to(DUE + timedelta(hours=2, minutes=30))
        assert "Overdue" in scene["pupil"].get(PROGRESS).text
        page = own.get(PROGRESS).text
        assert "Overdue" not in page
        assert page.index("Coming up") < page.index("Essay")
        assert "2026-11-02T15:30" in own.get("/courses/1").text, "open until"
        assert "overdue (1)" in host.get(WARNINGS).text
        assert "overdue (0)" in scene["partner"].get(WARNINGS).text
        clock.move_to(DUE + timedelta(hours=3, minutes=10))
        assert "Overdue" in own.get(PROGRESS).text
        assert "overdue (2)" in host.get(WARNINGS).text
        assert "overdue (1)" in scene["partner"].get(WARNINGS).text


def test_statements_do_not_grow_with_extensions(app: Flask, scene: Scene) -> None:
    own = scene["partner's pupil"]
    pages = [own.home.request.path, "/courses/1", PROGRESS]
    readers = ((own, pages), (scene["host"], (PROGRESS, WARNINGS)))

    def costs(number: int) -> list[int]:
        with app.app_context(), unit_of_work():
            for one in range(number):
                task = Activity(course_id=1, kind="assignment", title=f"Task {one}", points=1, position=90)
                db.session.add(task)
                db.session.flush()
                given = {"activity_id": task.id, "due_at": utcnow() + timedelta(days=one + 1), "reason": "Ill"}
                given |= {"given_by_id": scene.pupil_ids["pupil"]}
                db.session.add(Extension(**given, identity_id=scene.pupil_ids[PUPILS[1]]))
                db.session.add(Extension(**given, participation_id=2))
        found = []
        for person, paths in readers:
            for path in paths:
                person.get(path)
                with counted(app) as sent:
                    assert person.get(path).status_code == 200
                found.append(len(sent))
        return found

    with time_machine.travel(BEFORE, tick=False):
        pages.append(calendar_of(own))
        assert costs(1) == costs(25)
        with app.app_context():
            activities = db.session.scalars(select(Activity.id).where(Activity.title.like("Task%"))).all()
        page = own.get("/courses/1").text
        assert [page.count(f'id="activity-{ident}"') for ident in activities] == [1] * len(activities)


def copy_of(person: Person, run_jobs: Callable[[], int]) -> str:
    """The newest copy of what is kept about this person."""
    page = submit(person.browser, form_to(person.get("/my/data"), "/my/data/copy"))
    run_jobs()
    number = max(int(found) for found in re.findall(r"/my/data/copies/(\d+)", page.text))
    with zipfile.ZipFile(io.BytesIO(person.get(f"/my/data/copies/{number}/file").data)) as archive:
        return archive.read("data.json").decode()


def test_a_held_mark_is_told_nowhere_before_its_release(
    app: Flask, scene: Scene, school_b: School, run_jobs: Callable[[], int]
) -> None:
    host, partner, pupil = scene["host"], scene["partner"], scene["partner's pupil"]
    secret = ("7.41", "74%", "Held comment", "Held passage")  # 7.41 of 10 points

    def told() -> dict[str, str]:
        pages = {f"pupil {path}": pupil.get(path).text for path in (pupil.home.request.path, "/notices", TASK)}
        pages |= {f"pupil {path}": pupil.get(path).text for path in ("/courses/1", PROGRESS, "/my/data")}
        pages["calendar"] = pupil.get(calendar_of(pupil)).text
        pages["copy"] = copy_of(pupil, run_jobs)
        home = (PROGRESS, f"{PROGRESS}/pupils", WARNINGS, "/courses/1/grades", work(scene, PUPILS[1]))
        pages |= {f"home {path}": partner.get(path).text for path in (*home, "/courses/1/gradebook", "/notices")}
        page = head.get(f"{TOOL}/school/courses/1")
        assert page.status_code == 200
        pages["coordinator"] = page.text
        return {name: page.partition("<main")[2].partition("</main>")[0] or page for name, page in pages.items()}

    with time_machine.travel(BEFORE, tick=False):
        head = in_english(coordinator(app, school_b))
        add(scene, held="y")
        hand_in(scene, PUPILS[1], "My text")
        page = host.get(work(scene, PUPILS[1])).text
        version = re.search(r'name="id" value="(\d+)"', page)
        assert version
        passage = {"action": "passage", "id": version[1], "text": "Held passage", "quote": "text"}
        assert host.post(f"{work(scene, PUPILS[1])}/feedback", **passage).status_code == 303
        before = told()
        mark = {"points": "7.41", "comment": "Held comment", "version": "0"}
        assert host.post(work(scene, PUPILS[1]), **mark).status_code == 303
        held = told()
        for name, page in held.items():
            assert not [word for word in secret if word in page], name
        for name in ("pupil /notices", f"pupil {PROGRESS}", f"home {PROGRESS}", f"home {WARNINGS}", "coordinator"):
            assert plain(held[name]) == plain(before[name]), name
        for _twice in range(2):
            with counted(app) as sent:
                assert host.post(f"{TASK}/release").status_code == 303
            assert len([one for one in sent if one.startswith("INSERT INTO notice ")]) == (0 if _twice else 1)
        after = told()
        assert "You have a grade for “Essay” in “Rivers”." in after["pupil /notices"]
        assert "You have a grade" not in after["home /notices"]
        for name in (f"pupil {TASK}", f"pupil {PROGRESS}", "pupil /courses/1", "copy", "home /courses/1/gradebook"):
            assert "7.41" in after[name], name
        assert "Held passage" in after["copy"]
        assert "74%" in after[f"home {PROGRESS}/pupils"]
        assert plain(after["calendar"]) == plain(before["calendar"])


def plain(page: str) -> str:
    """What a reader sees."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_where_late_work_is_not_taken_it_closes_when_it_is_due(scene: Scene) -> None:
    host, own, other = scene["host"], scene["partner's pupil"], scene["pupil"]
    with time_machine.travel(BEFORE, tick=False) as clock:
        add(scene, late_rule="refuse", available_until="2026-11-02T16:00")
        more = {"due_at": FOR_CLASS, "until": "2026-11-02T15:30", "reason": "Trip"}
        assert host.post(f"{TASK}/extensions", **more, **{"class": "2"}).status_code == 303
        for pupil, until in ((own, FOR_CLASS), (other, FOR_ALL)):
            page = pupil.get("/courses/1").text
            assert until in page
            assert not re.search("2026-11-02T1(5:30|6:00)", page), "nothing can be handed in that long"
        clock.move_to(DUE + timedelta(hours=1))
        assert [bool(re.search(r"\bclosed\b", plain(one.get("/courses/1").text))) for one in (own, other)] == [
            False,
            True,
        ]
        clock.move_to(DUE + timedelta(hours=2, minutes=30))
        assert re.search(r"\bclosed\b", plain(own.get("/courses/1").text))


def test_more_time_of_the_class_in_which_the_work_was_begun(scene: Scene, school_a: School) -> None:
    """The pupil counts for the first class, and hands this one in from another."""
    host, beside, pupil = scene["host"], scene["teacher beside"], scene["pupil"]
    with time_machine.travel(BEFORE, tick=False):
        add(scene)
        code = re.search(r'readonly value="([^"]+)"', host.get("/courses/1/sharing").text)
        assert code
        assert beside.post(f"/courses/join/{beside.context}", code=code[1]).status_code == 303
        school_a.enrol(OTHER_COURSE, PUPIL, role="pupil")
        school_a.launch(pupil.browser, PUPIL, school_a.links(OTHER_COURSE)[0]["id"])
        hand_in(scene, "pupil", "From the other class")
        assert host.post(f"{TASK}/extensions", due_at=FOR_CLASS, reason="Trip", **{"class": "3"}).status_code == 303
        page = host.get(work(scene, "pupil")).text
        assert "Trip" in page
        assert FOR_CLASS in page
