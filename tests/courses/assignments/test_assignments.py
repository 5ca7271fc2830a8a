"""Assignments of two schools: dates and late work, versions, rubrics, anonymous grading and release, feedback, talk."""

from __future__ import annotations

import json
import re
import secrets
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from lti_tool.core.db import db, unit_of_work
from lti_tool.files.models import INFECTED, StoredFile
from tests.courses.scene import Scene, build
from tests.lms import COURSE, PUPIL, TEACHER, School, read_forms, submit

BEFORE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NEW = "/courses/1/activities/new/assignment"
TASK = "/courses/activities/4"
FORM = {
    "title": "Essay",
    "body": "Write",
    "points": "10",
    "published": "y",
    "accept_text": "y",
    "accept_files": "y",
    "most_files": "3",
    "megabytes": "5",
    "late_rule": "mark",
    "due_at": "2026-11-02T12:00",
    "action": "save",
}
PUPILS = ("pupil", "partner's pupil")


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    with time_machine.travel(BEFORE, tick=False):
        return build(app, school_a, school_b)


def add(scene: Scene, **fields: str) -> None:
    answer = scene["host"].post(NEW, **{**FORM, **fields})
    assert answer.status_code == 303, answer.text


def links_of(scene: Scene, *schools: School) -> list[int]:
    """The assignment as an activity of each school's LMS course, entered once by its pupil."""
    found = []
    for school, name in zip(schools, PUPILS, strict=True):
        found.append(school.add_link(COURSE, "Essay", custom={"content": "activity:4"}))
        school.launch(scene[name].browser, PUPIL, found[-1])
    return found


def hand_in(scene: Scene, name: str, text: str, **more: Any) -> Any:
    page = scene[name].get(TASK).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version, re.findall(r"<p>.*", page)
    scene[name].post(f"{TASK}/work", text=text, version=version[1], tab="t", action="check", **more)
    check = scene[name].get(f"{TASK}/hand-in")
    forms = [form for form in read_forms(check.text, check.request.url) if "hand-in" in form.action]
    return submit(scene[name].browser, forms[0])


def work(scene: Scene, name: str) -> str:
    return f"{TASK}/works/{scene.pupil_ids[name]}"


def test_late_work_more_time_and_back_to_be_improved(
    scene: Scene, school_a: School, school_b: School, run_jobs: Callable[[], int]
) -> None:
    host, pupil, partner = scene["host"], scene["pupil"], scene["partner"]
    with time_machine.travel(BEFORE, tick=False) as clock:
        wrong = {"late_rule": "deduct", "late_percent": "0", "available_until": "2026-11-01T12:00"}
        assert host.post(NEW, **FORM | wrong).status_code == 422
        add(
            scene, late_rule="deduct", late_percent="10", late_most="50", improves="y",
            available_until="2026-11-02T16:00",
        )  # fmt: skip
        links = links_of(scene, school_a, school_b)
        clock.move_to(DUE + timedelta(hours=2))
        for name in PUPILS:
            hand_in(scene, name, f"First text of {name}")
        for name in PUPILS:
            host.post(work(scene, name), points="8", comment="Not bad", version="0")
        run_jobs()
        assert school_a.scores(links[0]) == {str(PUPIL): 72.0}, "a day begun: 8 less 10 %"
        mine = pupil.get(TASK).text
        assert re.search(r"0[.,]8 (за|for) 1 (день|day).*7[.,]2", mine)
        assert re.search(r"0[.,]8 (за|for) 1", partner.get(work(scene, "partner's pupil")).text)

        extension = {"due_at": "2026-11-02T15:00", "reason": "Ill"}
        assert host.post(f"{TASK}/extensions", **extension).status_code == 422
        assert host.post(f"{TASK}/extensions", **extension, **{"class": "2"}).status_code == 303
        assert host.post(f"{TASK}/extensions", **extension, pupil="999").status_code == 422
        host.post(work(scene, "partner's pupil"), points="8", comment="In time after all", version="1")
        run_jobs()
        assert school_b.scores(links[1]) == {str(PUPIL): 80.0}
        assert "Ill" in partner.get(work(scene, "partner's pupil")).text

        assert pupil.post(f"{TASK}/work", text="More", version="3", tab="t").status_code == 409
        feedback = f"{work(scene, 'pupil')}/feedback"
        refused = host.post(feedback, action="return", why="")
        assert refused.status_code == 422
        assert refused.text.count('class="fault"') == 1, "beside what it is about, and nowhere else"
        assert host.post(feedback, action="return", why="Add sources").status_code == 303
        assert "Add sources" in pupil.get(TASK).text
        hand_in(scene, "pupil", "Second text with sources")
        assert "(1)" in host.get(f"{TASK}/works?state=to_grade").text
        page = host.get(work(scene, "pupil")).text
        assert "Second text" in page
        assert "First text" in host.get(f"{work(scene, 'pupil')}?version=1").text
        host.post(work(scene, "pupil"), points="10", comment="Better", version="1")
        run_jobs()
        assert school_a.scores(links[0]) == {str(PUPIL): 90.0}

        clock.move_to(DUE + timedelta(hours=5))
        assert pupil.post(f"{TASK}/work", text="Too late", version="9", tab="t").status_code == 409


RUBRIC = {
    "title-0": "Sources",
    "points-0-0": "0",
    "text-0-0": "None",
    "points-0-1": "2",
    "text-0-1": "Several",
    "title-1": "Language",
    "points-1-0": "1",
    "text-1-0": "Faults",
    "points-1-1": "3",
    "text-1-1": "Clear",
}


def test_a_rubric_without_names_and_all_grades_at_once(
    scene: Scene, school_a: School, school_b: School, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, pupil, partner = scene["host"], scene["pupil"], scene["partner"]
    monkeypatch.setattr(secrets, "choice", max)  # the lot falls on the highest number left
    with time_machine.travel(BEFORE, tick=False):
        add(scene)
        for version, more in enumerate(({"anonymous": "y"}, {}, {"anonymous": "y"}), start=1):
            assert host.post(f"{TASK}/edit", **FORM, **more, version=str(version)).status_code == 303, (
                "nothing is in yet"
            )
        links = links_of(scene, school_a, school_b)
        assert host.post(f"{TASK}/rubric", **RUBRIC | {"points-0-0": "many"}, action="save").status_code == 422
        assert host.post(f"{TASK}/rubric", **RUBRIC, number="0", action="save").status_code == 303
        assert "Several" in pupil.get(TASK).text, "pupils read it before"
        for name in PUPILS:
            hand_in(scene, name, f"Text {name[::-1]}")
            refused = host.post(f"{TASK}/edit", **FORM, version="4")
            assert refused.status_code == 422, "names do not come out by a setting"
            assert re.search("handed in already|уже сдал", refused.text)
        listed = host.get(f"{TASK}/works").text
        numbers = re.findall(r"/works/(-\d+)\"", listed)
        assert numbers == ["-98", "-99"], "by lot, and listed by the number: not in the order of handing in"
        first = host.get(f"{TASK}/works/-98").text
        assert "Text lipup s" in first
        assert re.search(r'rel="next" href="[^"]*/works/-99"', first)
        assert 'rel="prev"' not in first
        assert host.post(f"{TASK}/release").status_code == 409, "nothing waits"
        assert str(scene.pupil_ids["pupil"]) not in re.findall(r"/works/(\d+)\"", listed)
        assert host.get(work(scene, "pupil")).status_code == 409
        assert partner.get(work(scene, "partner's pupil")).status_code == 200
        page = host.get(f"{TASK}/works/-99").text
        rubric = re.search(r'name="rubric" value="(\d+)"', page)
        assert rubric
        marked = {"rubric": rubric[1], "version": "0", "level-0": "1", "level-1": "0"}
        assert host.post(f"{TASK}/works/-99", **marked | {"level-1": ""}).status_code == 422
        following = host.post(f"{TASK}/works/-99", **marked, comment="Well", next="1")
        assert following.location.endswith("/works/-98")
        assert host.post(f"{TASK}/release").status_code == 409, "a work without a grade would have its name told"
        assert host.post(f"{TASK}/works/-98", **marked, points="9").status_code == 422, "without a reason"
        assert host.post(f"{TASK}/works/-98", **marked, points="9", reason="A fine idea").status_code == 303
        stale = marked | {"level-1": "1", "version": "9999999999"}
        assert host.post(f"{TASK}/works/-98", **stale).status_code == 409
        run_jobs()
        assert school_a.scores(links[0]) == {}
        assert "Well" not in pupil.get(TASK).text
        assert "A fine idea" not in partner.get(work(scene, "partner's pupil")).text
        for _twice in range(2):
            assert host.post(f"{TASK}/release").status_code == 303
        run_jobs()
        assert (school_a.scores(links[0]), school_b.scores(links[1])) == ({str(PUPIL): 60.0}, {str(PUPIL): 90.0})
        assert "Well" in pupil.get(TASK).text
        assert "A fine idea" in scene["partner's pupil"].get(TASK).text
        assert host.get(work(scene, "pupil")).status_code == 200
        host.post(f"{TASK}/rubric", **RUBRIC | {"text-0-1": "Many"}, number="1", action="save")
        assert "Several" in pupil.get(TASK).text, "who was graded keeps the rubric"
        assert "Many" in host.get(f"{TASK}/rubric").text


def test_feedback_and_talk_reach_who_they_are_for(scene: Scene) -> None:
    host, pupil, partner = scene["host"], scene["pupil"], scene["partner"]
    with time_machine.travel(BEFORE, tick=False):
        add(scene, documents="y")
        refused = pupil.post(
            f"{TASK}/work", text="T", version="0", tab="t", files=(BytesIO(b"GIF89a" + bytes(20)), "a.gif")
        )
        assert refused.status_code == 422
        hand_in(scene, "partner's pupil", "Вода — жизнь.", files=(BytesIO(b"%PDF-1.4 x"), "Отчёт.pdf"))
        address = work(scene, "partner's pupil")
        page = host.get(address).text
        version, original = re.search(r'name="id" value="(\d+)"', page), re.search(r'name="of" value="(\d+)"', page)
        assert version
        assert original
        passage = {"action": "passage", "id": version[1], "text": "Why?"}
        assert host.post(f"{address}/feedback", **passage, quote="Огонь").status_code == 422
        assert host.post(f"{address}/feedback", **passage, quote="жизнь").status_code == 303
        copy = (BytesIO(b"%PDF-1.4 with notes"), "notes.pdf")
        field = f"of-{original[1]}"
        assert host.post(f"{address}/feedback", action="files", of=original[1], **{field: copy}).status_code == 303
        given = re.search(r"/courses/feedback/\d+", host.get(address).text)
        assert given
        assert scene["partner's pupil"].get(given[0]).status_code == 404, "not before there is a grade"
        assert "Why?" not in partner.get(address).text
        host.post(address, points="9", comment="", version="0")
        assert scene["partner's pupil"].get(given[0]).data == b"%PDF-1.4 with notes"
        assert "Why?" in scene["partner's pupil"].get(TASK).text
        assert "<mark>жизнь</mark>" in partner.get(address).text
        assert pupil.get(given[0]).status_code == 404

        for name, text in (("partner's pupil", "May I ask?"), ("partner", "She was ill"), ("host", "Of course")):
            more = {"talk": (BytesIO(b"%PDF-1.4 y"), "talk.pdf")} if name == "host" else {}
            assert scene[name].post(f"{address}/talk", text=text, **more).status_code == 303
        for reader in (partner.get(address), host.get(address), scene["partner's pupil"].get(TASK)):
            assert all(text in reader.text for text in ("May I ask?", "She was ill", "Of course"))
        file = re.search(r"/courses/comments/\d+", partner.get(address).text)
        assert file
        assert [scene[name].get(file[0]).status_code for name in ("partner", "pupil", "stranger")] == [200, 404, 401]
        assert pupil.post(f"{address}/talk", text="Let me in").status_code == 404
        assert scene["partner's pupil"].post(f"{address}/talk", text="").status_code == 422
        first = re.search(r'name="remove" value="(\d+)"', scene["partner's pupil"].get(TASK).text)
        assert first
        assert partner.post(f"{address}/talk", remove=first[1]).status_code == 404
        assert scene["partner's pupil"].post(f"{address}/talk", remove=first[1]).status_code == 303
        assert "May I ask?" not in host.get(address).text


STAFF = "/courses/1/staff"


def read(page: str) -> str:
    """What stands on the page, without marks of its session."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0]))


def test_names_are_kept_from_everybody_who_teaches_the_course(app: Flask, scene: Scene, school_b: School) -> None:
    """Also from a teacher invited to it, from the gradebook, from who is missing, and from what more time would tell."""
    host, partner = scene["host"], scene["partner"]
    with time_machine.travel(BEFORE, tick=False) as clock:
        add(scene, anonymous="y", late_rule="deduct", late_percent="10", late_most="50")
        for name in ("host", "partner"):
            scene[name].post("/language", locale="en")
        person = school_b.begin(partner.browser, person=TEACHER, link=school_b.links(COURSE)[0]["id"]).claims
        listed = host.get(STAFF).text
        option = next(part for part in listed.split("<option value=")[1:] if person["family_name"] in part[:200])
        host.post(STAFF, identity=option.split('"')[1], level="grade", pupils="all")
        partner.post("/courses/staff/1", action="accept")
        own = scene.pupil_ids["partner's pupil"]
        given = {"due_at": "2026-11-02T13:00", "reason": "Broken arm", "pupil": str(own)}
        assert partner.post(f"{TASK}/extensions", **given).status_code == 403
        assert host.post(f"{TASK}/extensions", **given).status_code == 303
        clock.move_to(DUE + timedelta(hours=2))
        beside_names = [
            f"/courses/1/{path}" for path in ("progress", "progress/pupils", "progress/warnings", "gradebook")
        ]
        for teacher in (host, partner):
            teacher.get("/courses/1")  # where what was said of the forms just sent is shown
        before = [read(teacher.get(path).text) for teacher in (host, partner) for path in beside_names]
        hand_in(scene, "partner's pupil", "Text", files=(BytesIO(b"%PDF-1.4 x"), "Ivanova.pdf"))
        scene["partner's pupil"].post(f"{work(scene, PUPILS[1])}/talk", text="I was ill")
        after = [read(teacher.get(path).text) for teacher in (host, partner) for path in beside_names]
        assert after == before, "nothing beside a name tells that a work came"
        for teacher in (host, partner):
            listed = teacher.get(f"{TASK}/works?state=all").text
            (number,) = re.findall(r"/works/(-\d+)\"", listed)
            assert re.findall(r"/works/(-?\d+)\"", listed) == [number]
            assert not re.search(r"<time|\blate\b", listed.partition("<main")[2])
            assert "/works/" not in teacher.get(f"{TASK}/works?state=missing").text
            assert f"{TASK}/works/" not in teacher.get("/courses/1/gradebook").text
            page = teacher.get(f"{TASK}/works/{number}").text.partition("<main")[2]
            for word in ("Broken arm", "Ivanova", "Riverside", f"/works/{own}", "day late"):
                assert word not in page, word
            assert "<time" not in page.partition('id="talk"')[0]
            assert "I was ill" in page
            file = re.search(r"/courses/files/\d+", page)
            assert file
            assert "Ivanova" not in teacher.get(file[0]).headers["Content-Disposition"]
            shown = re.search(r"/files/preview/[^\"]+", page)
            assert shown
            assert "Ivanova" not in teacher.get(shown[0]).headers["Content-Disposition"]
            ids = (own, scene.pupil_ids["pupil"], 1, 99999)
            assert [teacher.get(f"{TASK}/works/{one}").status_code for one in ids] == [409] * 4, "whoever it is"
        with app.app_context(), unit_of_work():
            infected = db.session.scalars(select(StoredFile).where(StoredFile.name == "Ivanova.pdf")).one()
            infected.virus_state = INFECTED
        refused = host.get(file[0])
        assert refused.status_code == 404
        assert "Ivanova" not in refused.text
        assert scene["pupil"].get(f"{TASK}/works/{number}").status_code == 404
        assert partner.post(f"{TASK}/release").status_code == 403
        assert partner.post(f"{TASK}/works/{number}", points="8", comment="", version="0").status_code == 303
        assert "day late" not in partner.get(f"{TASK}/works/{number}").text
        assert "7.2" not in partner.get(f"{TASK}/works?state=all").text
        assert host.post(f"{TASK}/edit", **FORM | {"points": "20", "anonymous": "y"}, version="1").status_code == 422
        assert host.post(f"{TASK}/release").status_code == 303
        assert "Broken arm" in partner.get(work(scene, "partner's pupil")).text
        assert f"/works/{own}" in partner.get("/courses/1/gradebook").text
        assert "1 day late" in partner.get(work(scene, "partner's pupil")).text
        assert read(partner.get(beside_names[1]).text) != before[5]


def test_more_time_lasts_beyond_the_day_the_others_are_shut_out(scene: Scene) -> None:
    host = scene["host"]
    with time_machine.travel(BEFORE, tick=False) as clock:
        add(scene, available_until="2026-11-02T13:00")
        more = {"due_at": "2026-11-02T16:00", "until": "2026-11-02T17:00", "reason": "Ill"}
        assert host.post(f"{TASK}/extensions", **more, **{"class": "2"}).status_code == 303
        clock.move_to(DUE + timedelta(hours=3))
        assert scene["pupil"].post(f"{TASK}/work", text="Late", version="0", tab="t").status_code == 409
        assert 'name="text"' not in scene["pupil"].get(TASK).text.partition('id="talk"')[0]
        hand_in(scene, "partner's pupil", "In my own time")
        assert "(1)" in host.get(f"{TASK}/works").text
        clock.move_to(DUE + timedelta(hours=6))
        assert scene["partner's pupil"].post(f"{TASK}/work", text="x", version="9", tab="t").status_code == 409


def test_settings_and_rubric_go_along_into_another_year_and_another_hub(
    app: Flask, scene: Scene, tmp_path: Path
) -> None:
    host, run = scene["host"], app.test_cli_runner().invoke
    kept = {"late_rule": "deduct", "late_percent": "7", "late_most": "42", "improves": "y", "images": "y"}
    with time_machine.travel(BEFORE, tick=False):
        add(scene, **kept, anonymous="y")
        host.post(f"{TASK}/rubric", **RUBRIC, number="0", action="save")
        host.post("/courses/1/next-year", title="Rivers again", starts="")
        file = tmp_path / "course.zip"
        assert run(args=["courses", "export", "1", str(file)]).exit_code == 0
        packed = json.loads(zipfile.ZipFile(file).read("course.json"))
        (content,) = [one["content"] for one in packed["units"][0]["activities"] if one["title"] == "Essay"]
        assert (content["late_most"], content["anonymous"], content["rubric"][0]["title"]) == (42.0, True, "Sources")
        imported = run(args=["courses", "import", str(file)])
        assert imported.exit_code == 0, imported.output
        for course in (2, 3):
            listed = host.get(f"/courses/{course}").text
            number = next(
                found[1]
                for found in re.finditer(r"/courses/activities/(\d+)\"[^>]*>([^<]*)", listed)
                if "Essay" in found[2]
            )
            form = host.get(f"/courses/activities/{number}/edit").text
            assert re.search(r'name="late_most"[^>]*value="42', form)
            assert re.search(
                r'(checked[^>]*name="anonymous"|name="anonymous"[^>]*checked|checked[^>]*id="anonymous")', form
            )
            assert "Several" in host.get(f"/courses/activities/{number}/rubric").text
