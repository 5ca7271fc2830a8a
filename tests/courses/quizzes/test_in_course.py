"""A quiz as a part of its course: dates, what comes after, copies, archives, tutors, a look as a pupil."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from lti_tool.core.db import db, utcnow
from lti_tool.courses.models import Activity, Submission
from lti_tool.courses.quizzes.models import BankQuestion, QuestionPicture, QuizAttempt, QuizSlot
from tests.courses.quizzes.test_formats import PNG
from tests.courses.quizzes.town import Town
from tests.lms import COURSE, TEACHER, School


@pytest.fixture
def schools(school_a: School, school_b: School) -> tuple[School, School]:
    return school_b, school_a  # the host speaks English


def edit(town: Town, version: int, **values: str) -> int:
    sent = {"title": "River quiz", "body": "", "points": "10", "attempts": "0", "counts": "best", "published": "y"}
    address = f"/courses/activities/{town.quiz}/edit"
    return town.host.post(address, action="save", version=str(version), **{**sent, **values}).status_code


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        models = (QuizSlot, BankQuestion, QuestionPicture, QuizAttempt, Submission)
        return {each.__name__: db.session.scalar(select(func.count()).select_from(each)) or 0 for each in models}


def test_a_copy_and_an_archive_have_every_question(app: Flask, schools: tuple[School, School], tmp_path: Path) -> None:
    town = Town(app, *schools, minutes="20", available_from="2026-09-01T08:00", available_until="2026-09-30T08:00")
    town.add_every_kind()
    town.host.post(
        "/courses/1/questions/new/essay", text="Look:", points="1", action="picture", picture=(BytesIO(PNG), "cat.png")
    )
    town.add("essay", text="![](picture:1)", lines="5", notes="")
    town.host.post("/courses/1/pools", title="Lakes")
    for number in range(3):
        new = {"text": f"Statement {number}", "true": "1", "points": "1", "pool": "1", "name": ""}
        town.host.post("/courses/1/questions/new/truefalse", action="save", **new)
    town.host.post(f"/courses/activities/{town.quiz}/quiz/add", action="draw", pool="1", draws="2")
    assert counts(app) == {"QuizSlot": 11, "BankQuestion": 13, "QuestionPicture": 1, "QuizAttempt": 0, "Submission": 0}
    assert town.host.post(f"/courses/activities/{town.quiz}/copy").status_code == 303
    assert counts(app) | {"QuizSlot": 22} == counts(app)
    assert counts(app)["BankQuestion"] == 13  # the same bank
    town.host.post("/courses/1/units/new", title="Week", published="y")
    unit = {"unit": "1", "title": "In it", "body": "", "points": "5", "counts": "best", "action": "save"}
    town.host.post("/courses/1/activities/new/quiz", **unit)
    assert town.host.post("/courses/units/1/copy").status_code == 303
    file, again = tmp_path / "course.zip", tmp_path / "again.zip"
    run = app.test_cli_runner().invoke
    assert run(args=["courses", "export", "1", str(file)]).exit_code == 0
    assert town.host.post("/courses/1/next-year", title="2027", starts="2027-09-01").status_code == 303
    made = counts(app)
    assert (made["QuizSlot"], made["BankQuestion"], made["QuestionPicture"]) == (44, 26, 2)
    told = run(args=["courses", "import", str(file)])
    assert told.exit_code == 0, told.output
    made = counts(app)
    assert (made["QuizSlot"], made["BankQuestion"], made["QuestionPicture"]) == (66, 39, 3)
    assert run(args=["courses", "export", "3", str(again)]).exit_code == 0
    assert contents(again) == contents(file)
    assert contents(file)[0]["settings"]["minutes"] == 20
    with app.app_context():
        years = db.session.scalars(select(Activity).where(Activity.course_id == 2).order_by(Activity.id)).all()
        assert [each.available_from.year for each in years if each.available_from] == [2027, 2027]
    page = town.host.get(f"/courses/activities/{years[0].id}").text
    assert page.count('name="slot"') == 11
    packed = json.loads(zipfile.ZipFile(file).read("course.json"))
    for change, said in (
        ({"slots": [{"question": 99, "points": 1}]}, "not there"),
        ({"slots": [{"pool": "Seas", "draws": 1, "points": 1}]}, "without questions"),
        ({"pictures": ["0" * 64]}, "picture"),
        ({"questions": [{"name": "x", "points": 1, "content": {"kind": "song"}}]}, "questions"),
    ):
        fresh = json.loads(json.dumps(packed))
        fresh["units"][0]["activities"][0]["content"].update(change)
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
            bad.writestr("course.json", json.dumps(fresh))
            bad.writestr("files/1", PNG)
        refused = run(args=["courses", "import", str(tmp_path / "bad.zip")])
        assert refused.exit_code == 1
        assert said in refused.output
    assert counts(app) == made


def contents(file: Path) -> list[dict[str, dict[str, int]]]:
    packed = json.loads(zipfile.ZipFile(file).read("course.json"))
    return [each["content"] for unit in packed["units"] for each in unit["activities"]]


def test_dates_of_the_course_and_what_was_promised(app: Flask, schools: tuple[School, School]) -> None:
    start = utcnow().replace(microsecond=0, second=0)
    with time_machine.travel(start, tick=False) as clock:
        town = Town(app, *schools, minutes="60")
        town.add("short", [{"text": "one"}], text="First?")
        after = {"title": "Then", "body": "Text", "published": "y", "action": "save", "after": str(town.quiz)}
        then = int(town.host.post("/courses/1/activities/new/page", **after).location.rpartition("-")[2])
        first, second = town.pupils
        path = f"/courses/activities/{town.quiz}"
        assert town.host.get(f"{path}?as=0").status_code == 200
        assert town.host.post(f"{path}/quiz/start?as=0").status_code == 403
        assert counts(app)["Submission"] == 0
        assert "First comes:" in first.get(f"/courses/activities/{then}").text
        attempt, other = town.begin(first), town.begin(second)

        def typed(minutes: int) -> str:
            zoned = start + timedelta(minutes=minutes) + shift
            return zoned.strftime("%Y-%m-%dT%H:%M")

        shift = timedelta()
        assert (
            edit(town, 1, minutes="60", available_until=(start + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")) == 303
        )
        with app.app_context():
            until = db.session.get_one(Activity, town.quiz).available_until
            assert until is not None
            shift = start + timedelta(days=2) - until
        assert edit(town, 2, minutes="60", available_until=typed(20)) == 303
        assert 'data-remaining="3600"' in first.get(attempt).text  # promised
        assert edit(town, 3, minutes="90", available_until=typed(80)) == 303
        assert 'data-remaining="4800"' in first.get(attempt).text  # later
        assert edit(town, 4, minutes="10", available_until=typed(5)) == 303
        clock.move_to(start + timedelta(minutes=30))
        assert second.post(f"{path}/quiz/start").status_code == 403
        assert f'href="{attempt}"' in first.get(path).text
        assert (
            first.post(attempt, **{"version": "1", "tab": "t", "page": "1"}, q1="one", action="save").status_code == 303
        )
        assert first.post(f"{attempt}/finish").status_code == 303
        assert first.get(f"{attempt}/review").status_code == 200
        assert "First comes:" not in first.get(f"/courses/activities/{then}").text
        assert "Сначала нужно выполнить:" in second.get(f"/courses/activities/{then}").text
        clock.move_to(start + timedelta(minutes=81))
        assert edit(town, 5, minutes="900", available_until=typed(600)) == 303
        assert second.get(other).location.endswith("/review")  # what is over stays over


def test_a_tutor_marks_the_pupils_of_the_invitation(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools)
    town.add("essay", text="Write.", lines="5", notes="")
    own, foreign = town.pupils[1], town.pupils[0]
    for pupil, text in ((own, "ours"), (foreign, "theirs")):
        attempt = town.begin(pupil)
        pupil.post(attempt, version="1", tab="t", page="1", q1=text, action="finish")
        pupil.post(f"{attempt}/finish")
    person = schools[1].begin(town.partner.browser, person=TEACHER, link=schools[1].links(COURSE)[0]["id"]).claims
    page = town.host.get("/courses/1/staff").text
    option = next(part for part in page.split("<option value=")[1:] if person["family_name"] in part[:300])
    chosen = option.partition('"')[2].partition('"')[0]
    quiz = f"/courses/activities/{town.quiz}/quiz"
    for pupils, seen in (("own", {"ours"}), ("all", {"theirs"})):
        town.host.post("/courses/1/staff", identity=chosen, level="grade", pupils=pupils)
        town.partner.post("/courses/staff/1", action="accept")
        assert town.partner.get(f"{quiz}/marking").status_code == 200
        shown = town.partner.get(f"{quiz}/marking/1").text
        assert {each for each in ("ours", "theirs") if f">{each}<" in shown} == seen
        assert town.partner.get(f"{quiz}/statistics").status_code == 200
        assert town.partner.get(f"{quiz}/regrade").status_code == 403
        assert f"{quiz}/extras" not in town.partner.get(f"/courses/activities/{town.quiz}").text
        codes = [
            town.partner.post(
                f"{quiz}/marks", response=number, question="1", **{f"points-{number}": "1", f"seen-{number}": "0"}
            ).status_code
            for number in ("1", "2")
        ]
        assert codes == ([303, 404] if pupils == "own" else [303, 303])
        town.host.post("/courses/staff/1", action="remove")
    assert town.partner.get(f"{quiz}/marking").status_code == 403
    assert re.search(r"2 marked", town.host.get(f"{quiz}/marking").text)
