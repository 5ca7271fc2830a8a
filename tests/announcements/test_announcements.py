"""Announcements: whom they reach, when, how they are put away, and that they cost nothing when there is none."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from lti_tool.core.db import utcnow
from tests.conftest import MakeApp, browser
from tests.factories.coordinators import coordinator
from tests.factories.joining import TOOL, fill, in_english, operator
from tests.lms import COURSE, PUPIL, TEACHER, School, read_forms, submit
from tests.statements import counted


def write(client: FlaskClient, path: str = "/operator/announcements/new", **changes: object) -> str:
    now = utcnow()
    typed: dict[str, object] = {
        "kind": "info",
        "audience": "everybody",
        "text_ru": "Сервер **обновляется**",
        "text_en": "The server is **updated** <script>alert(1)</script>",
        "starts_at": (now - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (now + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M"),
    }
    return fill(client, path, path, **{**typed, **changes})


def visitor(app: Flask, school: School, sub: int) -> FlaskClient:
    client = browser(app)
    school.launch(client, sub, school.add_link(COURSE, "Link"))
    return in_english(client)


def put_away(client: FlaskClient, number: int) -> int:
    page = client.get(f"{TOOL}/").text
    form = next(form for form in read_forms(page, f"{TOOL}/") if f"/announcements/{number}/dismiss" in form.action)
    return submit(client, form, follow=False).status_code


def test_whom_it_reaches_and_putting_it_away(app: Flask, school_a: School, school_b: School) -> None:
    olga = operator(app)
    teacher, pupil, head = (
        visitor(app, school_a, TEACHER),
        visitor(app, school_a, PUPIL),
        coordinator(app, school_b, TEACHER),
    )
    write(olga)
    write(olga, audience="teachers", text_en="For teachers")
    write(olga, audience="coordinators", text_en="For heads", kind="urgent")
    write(olga, audience="administrators", text_en="For administrators")
    write(olga, text_en="Later", starts_at=(utcnow() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
    seen = {
        name: [word for word in ("updated", "For teachers", "For heads", "For adm", "Later") if word in page]
        for name, page in (
            ("teacher", teacher.get(f"{TOOL}/").text),
            ("pupil", pupil.get(f"{TOOL}/").text),
            ("head", head.get(f"{TOOL}/").text),
            ("stranger", browser(app).get(f"{TOOL}/").text),
        )
    }
    assert seen == {
        "teacher": ["updated", "For teachers"],
        "pupil": ["updated"],
        "head": ["updated", "For teachers", "For heads"],
        "stranger": [],
    }
    shown = pupil.get(f"{TOOL}/").text
    assert "<strong>updated</strong>" in shown
    assert "<script>alert" not in shown
    assert put_away(pupil, 1) == 303
    assert "updated" not in pupil.get(f"{TOOL}/").text
    assert "updated" in teacher.get(f"{TOOL}/").text
    token = next(f.fields["csrf_token"] for f in read_forms(shown, TOOL) if "csrf_token" in f.fields)
    for number in (2, 3, 99):
        sent = pupil.post(
            f"{TOOL}/announcements/{number}/dismiss", data={"csrf_token": token}, headers={"Referer": TOOL}
        )
        assert sent.status_code == 404  # not theirs, or none at all
    assert "/announcements/3/dismiss" not in head.get(f"{TOOL}/").text
    write(olga, "/operator/announcements/1", text_en="The server is updated now")
    assert "updated now" in pupil.get(f"{TOOL}/").text
    fill(olga, "/operator/announcements", "/announcements/1/end")
    assert "updated now" not in teacher.get(f"{TOOL}/").text
    history = olga.get(f"{TOOL}/operator/announcements").text
    assert "updated now" in history
    assert "not begun" in history


def test_two_operators_and_wrong_input(app: Flask, school_a: School) -> None:
    olga, oleg = operator(app), operator(app, "Oleg")
    write(olga)
    page = oleg.get(f"{TOOL}/operator/announcements/1").text
    form = next(f for f in read_forms(page, f"{TOOL}/operator/announcements/1") if "text_en" in f.fields)
    write(olga, "/operator/announcements/1", text_en="First")
    answer = submit(oleg, form, text_en="Second")
    assert answer.status_code == 409
    assert "Second" in answer.text
    assert "before the beginning" in write(olga, ends_at="2020-01-01T10:00", text_en="Kept text")
    assert "Kept text" in write(olga, ends_at="2020-01-01T10:00", text_en="Kept text")
    teacher = visitor(app, school_a, TEACHER)
    for path in ("/operator/announcements", "/operator/announcements/new", "/operator/announcements/1"):
        assert teacher.get(f"{TOOL}{path}").status_code == 404


def test_no_statement_while_there_is_none_and_other_processes_follow(
    app: Flask, make_app: MakeApp, school_a: School
) -> None:
    pupil = visitor(app, school_a, PUPIL)
    pupil.get(f"{TOOL}/")
    with counted(app) as sent:
        pupil.get(f"{TOOL}/")
    assert not [each for each in sent if "announcement" in each]
    other = make_app()
    write(operator(other))
    assert "updated" not in pupil.get(f"{TOOL}/").text
    app.extensions["announcements"].until = 0.0  # a minute later
    assert "updated" in pupil.get(f"{TOOL}/").text
    with counted(app) as sent:
        pupil.get(f"{TOOL}/")
    assert len([each for each in sent if "announcement" in each]) == 1
