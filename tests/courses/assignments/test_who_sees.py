"""What of a work reaches who may not grade it, whose works a tutor is led to, and numbers that nothing has."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from flask import Flask

from tests.courses.assignments.test_assignments import BEFORE, DUE, FORM, PUPILS, STAFF, TASK, add, hand_in, read, work
from tests.courses.scene import TOOL, Scene, build
from tests.lms import COURSE, TEACHER, School

REPORT = "/courses/activities/2"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    with time_machine.travel(BEFORE, tick=False):
        made = build(app, school_a, school_b)
        for name in ("host", "partner", *PUPILS):
            made[name].post("/language", locale="en")
        return made


def invite_partner(scene: Scene, school_b: School, level: str, pupils: str) -> None:
    person = school_b.begin(scene["partner"].browser, person=TEACHER, link=school_b.links(COURSE)[0]["id"]).claims
    listed = scene["host"].get(STAFF).text
    option = next(part for part in listed.split("<option value=")[1:] if person["family_name"] in part[:200])
    scene["host"].post(STAFF, identity=option.split('"')[1], level=level, pupils=pupils)
    scene["partner"].post("/courses/staff/1", action="accept")


def test_a_held_mark_exists_only_for_who_grades(scene: Scene, school_b: School) -> None:
    host, partner, pupil = scene["host"], scene["partner"], scene["partner's pupil"]
    address, settings = work(scene, PUPILS[1]), {"late_rule": "deduct", "late_percent": "10", "late_most": "50"}
    settings |= {"improves": "y"}
    with time_machine.travel(BEFORE, tick=False) as clock:
        add(scene, **settings)
        clock.move_to(DUE + timedelta(hours=2))
        hand_in(scene, PUPILS[1], "My text")
        assert host.post(address, points="8", comment="", version="0").status_code == 303
        assert "7.2" in pupil.get(TASK).text
        assert host.post(f"{TASK}/edit", **FORM | settings, held="y", version="1").status_code == 303
        assert host.post(address, points="5", comment="", version="1").status_code == 303
        assert host.post(f"{address}/feedback", action="return", why="Add sources").status_code == 303
        hand_in(scene, PUPILS[0], "Another text")
        assert host.post(work(scene, PUPILS[0]), points="6", comment="", version="0").status_code == 303
        invite_partner(scene, school_b, "comment", "all")
        listed = partner.get(f"{TASK}/works?state=all").text
        assert "Graded (1)" in listed
        assert "Graded (2)" in host.get(f"{TASK}/works?state=all").text
        told = [listed, *(partner.get(work(scene, name)).text for name in PUPILS)]
        host.post("/courses/staff/1", action="remove")
        told += [partner.get(address).text, pupil.get(TASK).text]
        for page in told:
            assert not re.search(r"\b(4\.5|5\.4|0\.5|0\.6)\b", read(page)), "the held marks"
        assert all("Add sources" in page for page in told[-2:])
        assert "4.5" in host.get(address).text


@time_machine.travel(BEFORE, tick=False)
def test_a_tutor_of_some_is_led_only_to_their_works(scene: Scene, school_b: School) -> None:
    host, partner = scene["host"], scene["partner"]
    invite_partner(scene, school_b, "grade", "own")
    own = f"{REPORT}/works/{scene.pupil_ids[PUPILS[1]]}"
    assert 'rel="prev"' in host.get(own).text
    page = partner.get(own)
    assert page.status_code == 200
    assert not re.search('rel="(prev|next)"', page.text)


def test_what_pupils_are_not_shown_they_do_not_reach_by_address(scene: Scene) -> None:
    host, pupil = scene["host"], scene["partner's pupil"]
    with time_machine.travel(BEFORE, tick=False):
        add(scene)
        hand_in(scene, PUPILS[1], "Mine", files=(BytesIO(b"%PDF-1.4 x"), "mine.pdf"))
        talk = f"{work(scene, PUPILS[1])}/talk"
        asked = pupil.post(talk, text="May I?", talk=(BytesIO(b"%PDF-1.4 y"), "asked.pdf"))
        assert asked.status_code == 303
        page = pupil.get(TASK).text
        files = set(re.findall(r"/courses/(?:files|comments)/\d+", page))
        assert len(files) == 2
        assert {pupil.get(file).status_code for file in files} == {200}
        hidden = {name: value for name, value in FORM.items() if name != "published"}
        assert host.post(f"{TASK}/edit", **hidden, version="1").status_code == 303
        assert {pupil.get(file).status_code for file in files} == {404}
        assert pupil.post(talk, text="Still there?").status_code == 404
        assert {host.get(file).status_code for file in files} == {200}


@time_machine.travel(BEFORE, tick=False)
def test_numbers_that_no_column_holds_are_numbers_of_nothing(scene: Scene) -> None:
    host, pupil = scene["host"], scene["pupil"]
    report = f"{REPORT}/works/{scene.pupil_ids['pupil']}"
    for number in (2**31, "9" * 5000):
        for path in ("courses/activities/{}", "courses/{}", "courses/activities/2/works/{}", "exchange/{}"):
            assert host.get("/" + path.format(number)).status_code == 404
        assert host.get(f"{REPORT}/works/-{number}").status_code == 404
    number, token = 10**30, host.token
    for path in (
        f"{REPORT}/works?school={number}",
        f"{REPORT}/extensions?of_class={number}&pupil={number}",
        f"{report}?version={number}",
        f"/courses/1/progress/pupils?school={number}&page={number}",
        f"/courses/1/progress/warnings?school={number}",
        f"/courses/1/questions?pool={number}",
        f"/courses/1/gradebook/differences?activity={number}",
        f"/courses/1/activities/new/page?unit={number}",
        f"/courses/catalogue?host={number}&context={number}&grade={number}",
        f"/courses/join/{host.context}?course={number}",
        f"/exchange?tag={number}&page={number}",
        f"/open/sitemap.xml?page={number}",
    ):
        assert host.get(path).status_code == 200, path
    for path, sent in (
        (f"{REPORT}/extensions", {"remove": number, "pupil": number, "class": number}),
        (f"{REPORT}/extensions", {"pupil": number, "class": number, "due_at": "2026-11-02T12:00", "reason": "Ill"}),
        (f"{report}/feedback", {"action": "forget", "id": number}),
        (f"{report}/talk", {"remove": number, "text": "x"}),
        (report, {"points": "5", "comment": "", "version": number}),
        (f"{REPORT}/edit", {**FORM, "version": number, "detach": number, "unit": number}),
        ("/courses/1/order", {"activity": number, "unit": number, "place": f"{number}:{number}"}),
        ("/courses/1/gradebook/retry", {"score": number, "activity": number, "context": number}),
        ("/courses/1/gradebook/differences", {"activity": number, "difference": number, "choice": "theirs"}),
        (STAFF, {"identity": number, "level": "see", "pupils": "all"}),
        ("/notices/read", {"until": "0001-01-01T00:00+23:00"}),
    ):
        answer = host.browser.post(f"{TOOL}{path}", data={"csrf_token": token, **sent})
        assert answer.status_code < 500, path
    more = {"text": "x", "version": number, "tab": "other", "remove": number, "files_id": number}
    assert pupil.post(f"{REPORT}/work", **more).status_code < 500
    assert pupil.post(f"{REPORT}/hand-in", version=number).status_code < 500
