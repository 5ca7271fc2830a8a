"""Live sessions: the time on everybody's clock, the way into a room, who was there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from flask import Flask

from lti_tool.core.db import db, unit_of_work
from lti_tool.core.settings import BigBlueButton
from lti_tool.courses.live.jobs import open_one, sessions_to_open
from lti_tool.organizations.models import Organization
from tests.conftest import MakeApp
from tests.courses.scene import Scene, build
from tests.factories.platforms import add_registration
from tests.lms import SCHOOL_A, SCHOOL_B, School, WsgiAdapter

BEFORE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
BEGINS = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
FORM = {"title": "Talk", "body": "Bring a question", "published": "y", "minutes": "45", "action": "save"}
NEW = "/courses/1/activities/new/live"
SESSION = "/courses/activities/4"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    with time_machine.travel(BEFORE, tick=False):
        return build(app, school_a, school_b)


def add(scene: Scene, **fields: str) -> Any:
    wanted = {"begins": "2026-11-02T12:00", "room": "link", "address": "https://meet.example/abc"}
    return scene["host"].post(NEW, **FORM | wanted | fields)


def test_from_the_plan_to_the_list_of_who_was_there(scene: Scene, app: Flask) -> None:
    with time_machine.travel(BEFORE, tick=False) as clock:
        for wrong, said in (
            ({"begins": ""}, "Укажите, когда"),
            ({"address": ""}, "Вставьте адрес"),
            ({"address": "javascript:alert(1)"}, "https://"),
            ({"minutes": "0"}, "от 1 до 600"),
            ({"room": "bbb"}, ""),
        ):
            refused = add(scene, **wrong)
            assert refused.status_code == 422
            assert said in refused.text
        assert add(scene).status_code == 303
        assert 'datetime="2026-11-02T12:00:00+00:00"' in scene["pupil"].get("/courses/1").text
        edit = scene["host"].get(f"{SESSION}/edit").text
        assert 'value="2026-11-02T12:00"' in edit
        assert "17:00" not in scene["host"].get(SESSION).text
        with app.app_context(), unit_of_work():
            db.session.get_one(Organization, 2).time_zone = "Asia/Yekaterinburg"
        assert "17:00" in scene["host"].get(SESSION).text, "the clock of the other school"
        page = scene["pupil"].get(SESSION).text
        assert "meet.example" not in page
        assert "Я здесь" not in page
        assert scene["pupil"].post(f"{SESSION}/here").status_code == 409
        clock.move_to(BEGINS)
        page = scene["pupil"].get(SESSION).text
        assert "Я здесь" in page
        assert "meet.example" not in page
        assert "meet.example" in scene["partner"].get(SESSION).text
        for _twice in range(2):
            assert scene["pupil"].post(f"{SESSION}/here").status_code == 303
        page = scene["pupil"].get(SESSION).text
        assert "Я здесь" not in page
        assert 'href="https://meet.example/abc"' in page
        assert "Присутствуют 1 из" in scene["host"].get(SESSION).text
        attendance(scene)


def attendance(scene: Scene) -> None:
    """The host sees all by the rule for names, the partner only the own pupils; both may correct."""
    pupils = scene.pupil_ids
    address = f"{SESSION}/attendance"
    of_host, of_partner = scene["host"].get(address).text, scene["partner"].get(address).text
    assert checked(of_host) == {pupils["pupil"]}
    assert {pupils["pupil"], pupils["partner's pupil"]} <= listed(of_host)
    assert pupils["partner's pupil"] in listed(of_partner)
    assert pupils["pupil"] not in listed(of_partner)
    both = [pupils["pupil"], pupils["partner's pupil"]]
    scene["partner"].post(address, shown=both, here=both[1:])
    assert checked(scene["host"].get(address).text) == set(both), "the pupil of another school is left alone"
    scene["host"].post(address, shown=both, here=both[1:])
    assert checked(scene["host"].get(address).text) == {both[1]}
    for name in ("pupil", "teacher beside", "operator"):
        assert scene[name].get(address).status_code in (403, 404)
        assert scene[name].post(address, shown=both, here=[]).status_code in (403, 404)


def listed(page: str) -> set[int]:
    return {int(found) for found in re.findall(r'name="shown" value="(\d+)"', page)}


def checked(page: str) -> set[int]:
    return {int(found) for found in re.findall(r'name="here" value="(\d+)" checked', page)}


class Meetings:
    """A BigBlueButton that counts the rooms it was asked for."""

    def __init__(self, secret: str) -> None:
        self.secret, self.created, self.up = secret, [], True

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        query, _, checksum = environ["QUERY_STRING"].rpartition("&checksum=")
        call = environ["PATH_INFO"].rsplit("/", 1)[1]
        right = hashlib.sha256(f"{call}{query}{self.secret}".encode()).hexdigest() == checksum
        if self.up and right:
            self.created.append(dict(parse_qsl(query)))
        start("200 OK", [("Content-Type", "text/xml")])
        return [
            f"<response><returncode>{'SUCCESS' if self.up and right else 'FAILED'}</returncode></response>".encode()
        ]


def test_a_room_is_opened_before_and_while_it_runs(make_app: MakeApp, run_jobs: Callable[[], int], app: Flask) -> None:
    meetings = Meetings("hush")
    server = BigBlueButton("https://bbb.example/bigbluebutton", "hush")
    settings = replace(app.extensions["settings"], bigbluebutton=server, jitsi_url="https://jitsi.example")
    app.extensions["settings"] = settings
    app.extensions["http"].mount("https://bbb.example", WsgiAdapter(meetings))
    schools = []
    for language, url, name in (("ru", SCHOOL_A, "Школа № 12"), ("en", SCHOOL_B, "Riverside School")):
        school = School.start(language, url, tool=app)
        add_registration(app, school, name)
        schools.append(school)
    with time_machine.travel(BEFORE, tick=False) as clock:
        scene = build(app, *schools)
        add(scene, room="bbb", address="")
        run_jobs()
        assert meetings.created == []
        clock.move_to(BEGINS.replace(hour=11, minute=46))
        meetings.up = False
        run_once(app)
        assert "being opened" in scene["partner"].get(SESSION).text
        meetings.up = True
        clock.shift(31)
        run_once(app)
        assert [each["name"] for each in meetings.created] == ["Talk"]
        scene["partner's pupil"].post(f"{SESSION}/here")
        ways = {name: way(scene[name].get(SESSION).text) for name in ("host", "partner", "partner's pupil")}
        assert {name: each["role"] for name, each in ways.items()} == {
            "host": "MODERATOR",
            "partner": "VIEWER",
            "partner's pupil": "VIEWER",
        }
        assert len({each["meetingID"] for each in ways.values()}) == 1
        assert re.fullmatch(r"\w+ \w\., Riverside School", ways["partner's pupil"]["fullName"])
        clock.shift(600)
        run_once(app)
        assert len(meetings.created) == 2
        clock.move_to(BEGINS.replace(hour=13))
        run_once(app)
        assert len(meetings.created) == 2
        assert "bbb.example" not in scene["host"].get(SESSION).text
        in_another_room(app, scene)


def in_another_room(app: Flask, scene: Scene) -> None:
    """Jitsi makes any room at any time; a service that is taken away is told to the host."""
    assert add(scene, room="jitsi", address="", begins="2026-11-02T13:00").status_code == 303
    page = scene["partner"].get("/courses/activities/5").text
    assert re.search(r'href="https://jitsi\.example/[\w-]{32}#userInfo', page)
    app.extensions["settings"] = replace(app.extensions["settings"], jitsi_url="")
    page = scene["host"].get("/courses/activities/5").text
    assert "jitsi.example" not in page
    assert "больше не подключён" in page


def run_once(app: Flask) -> None:
    """One round of the sweep for rooms."""
    with app.app_context():
        due = sessions_to_open(10)
        db.session.rollback()
    for ident in due:
        open_one(ident)


def way(page: str) -> dict[str, str]:
    found = re.search(r'href="(https://bbb\.example/[^"]+)"', page)
    assert found, page
    return dict(parse_qsl(urlsplit(found[1].replace("&amp;", "&")).query))
