"""The gradebook as a place to work in: cells by keyboard, one answer for many, excuses, history, files, filters."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.assignments.models import Assignment, AssignmentWork, Extension, Mark, Rubric
from lti_tool.courses.gradebook.files import inert
from lti_tool.courses.gradebook.models import GradeChange
from lti_tool.courses.models import Activity, Grade, Submission
from lti_tool.grades.models import Score
from lti_tool.people.notices.models import Notice
from tests.bench.courses import MOST_STATEMENTS, Size, as_teacher, seed
from tests.courses.scene import TOOL, Scene, build
from tests.factories.joining import in_english
from tests.lms import School
from tests.statements import counted

RunJobs = Callable[[], int]
BOOK, TOGETHER = "/courses/1/gradebook", "/courses/activities/2/together"
PARTNERS = "partner's pupil"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School, run_jobs: RunJobs) -> Scene:
    """With the whole classes of both schools."""
    made = build(app, school_a, school_b)
    run_jobs()
    for name in ("host", "partner"):
        in_english(made[name].browser)
    return made


def changes(app: Flask) -> list[tuple[str, float | None, float | None]]:
    with app.app_context():
        statement = select(GradeChange.way, GradeChange.points_before, GradeChange.points).order_by(GradeChange.id)
        return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


def pupils_in(page: str) -> int:
    found = re.search(r"(\d+) pupils", page)
    return int(found[1]) if found else 0


def how_many(app: Flask, model: type[Grade | Score]) -> int:
    with app.app_context():
        return len(db.session.scalars(select(model.id)).all())


def test_a_cell_is_graded_from_the_version_that_was_seen(app: Flask, scene: Scene) -> None:
    path = f"/courses/activities/2/cells/{scene.pupil_ids[PARTNERS]}"
    first = scene["host"].post(path, points="7,5", version="0")
    assert first.status_code == 200
    assert first.json is not None
    assert "7.5" in first.json["cell"]
    assert (first.json["version"], first.json["said"].startswith("Saved: ")) == (1, True)
    older = scene["host"].post(path, points="3", version="0")
    assert older.status_code == 409
    assert older.json is not None
    assert "7.5" in older.json["cell"]
    for wrong in ("11", "", "x", "-1"):
        assert scene["host"].post(path, points=wrong, version="1").status_code == 422
    assert scene["host"].post(path, points="8", version="1").status_code == 200
    assert changes(app) == [("hand", None, 7.5), ("hand", 7.5, 8.0)]
    told = scene["partner"].get(f"/courses/activities/2/works/{scene.pupil_ids[PARTNERS]}").text
    assert "What was changed (2)" in told
    assert "7.5 → 8" in " ".join(told.split())
    refused = {name: scene[name].post(path, points="1", version="2").status_code for name in ("partner", PARTNERS)}
    assert set(refused.values()) <= {403, 404}


def test_one_grade_for_many_waits_and_can_be_taken_back(app: Flask, scene: Scene, run_jobs: RunJobs) -> None:
    host, grade = scene["host"], {"act": "grade", "points": "6", "comment": "Well done", "scope": "all"}
    count = pupils_in(host.get(BOOK).text)
    assert count > 2
    preview = host.post(TOGETHER, **grade)
    assert f"It is for {count} pupils" in preview.text
    assert how_many(app, Grade) == 0
    assert host.post(TOGETHER, **{**grade, "points": "11"}, sure=str(count)).status_code == 422
    assert host.post(TOGETHER, **grade, sure=str(count)).status_code == 303
    run_jobs()
    assert (how_many(app, Grade), how_many(app, Score)) == (count, count)
    with app.app_context():
        assert set(db.session.scalars(select(Score.state))) == {"waiting"}
    changed = scene.pupil_ids["pupil"]
    host.post(f"/courses/activities/2/cells/{changed}", points="9", version="1")
    undo = re.search(r"/courses/activities/2/together/\d+/undo", host.get(TOGETHER).text)
    assert undo
    assert scene["partner"].post(undo[0]).status_code == 403
    assert host.post(undo[0]).status_code == 303
    assert (how_many(app, Grade), how_many(app, Score)) == (1, 1)  # what was changed by hand since stays
    assert [way for way, _before, _points in changes(app)].count("undone") == count - 1
    assert host.post(undo[0]).status_code == 303
    host.post(TOGETHER, **grade, sure=str(count - 1))
    late = re.search(r"/courses/activities/2/together/\d+/undo", host.get(TOGETHER).text)
    assert late
    with time_machine.travel(utcnow() + timedelta(minutes=3)):
        assert host.post(late[0]).status_code == 409
        run_jobs()
        with app.app_context():
            assert set(db.session.scalars(select(Score.state))) == {"delivered", "refused"}  # one is not enrolled there
    assert how_many(app, Grade) == count


def test_comments_and_excuses_for_those_who_are_ticked(app: Flask, scene: Scene) -> None:
    host, own, other = scene["host"], scene.pupil_ids["pupil"], scene.pupil_ids[PARTNERS]
    with app.app_context(), unit_of_work():
        db.session.execute(update(Activity).where(Activity.id == 1).values(after_id=2))
        db.session.execute(update(Submission).where(Submission.identity_id == own).values(done_at=None))
    assert "<p>Text</p>" not in scene["pupil"].get("/courses/activities/1").text
    ticked = {"scope": "ticked", "pupil": str(own)}
    excuse = {"act": "excuse", "reason": "Was ill", **ticked}
    assert "It is for 1 pupil" in host.post(TOGETHER, **excuse).text
    assert host.post(TOGETHER, **excuse, sure="1").status_code == 303
    assert "Was ill" in host.get(f"/courses/activities/2/works/{own}").text
    assert "<p>Text</p>" in scene["pupil"].get("/courses/activities/1").text  # what comes after it is open
    for page in ("/courses/1", "/courses/activities/2"):
        assert "Was ill" in scene["pupil"].get(page).text
        assert "Was ill" not in scene[PARTNERS].get(page).text + host.get(page).text
    assert f'/works/{own}"' in host.get(f"{BOOK}?state=excused").text
    assert f'/works/{other}"' not in host.get(f"{BOOK}?state=excused").text
    filled = {"act": "grade", "points": "5", "comment": "", "scope": "all"}
    count = pupils_in(host.get(BOOK).text) - 1
    host.post(TOGETHER, **filled, sure=str(count))
    assert how_many(app, Grade) == count
    host.post(f"/courses/activities/2/cells/{own}", points="4", version="0")
    assert "Was ill" not in host.get(f"/courses/activities/2/works/{own}").text
    note = {"act": "comment", "comment": "See page 3", "scope": "ticked", "pupil": str(other)}
    for _twice in range(2):
        assert host.post(f"{TOGETHER}?state=graded", **note, sure="1").status_code == 303
    with app.app_context():
        comments = list(db.session.scalars(select(Grade.comment).where(Grade.comment != "")))
        sent = list(db.session.scalars(select(Score.comment).where(Score.comment != "")))
    assert comments == sent == ["See page 3"]


def test_the_book_is_narrowed_and_taken_along_by_the_rule_of_names(app: Flask, scene: Scene, school_b: School) -> None:
    host, own, other = scene["host"], scene.pupil_ids["pupil"], scene.pupil_ids[PARTNERS]
    host.post(f"/courses/activities/2/cells/{own}", points="5", version="0")
    with app.app_context(), unit_of_work():
        db.session.execute(update(Activity).where(Activity.id == 2).values(due_at=utcnow() - timedelta(days=1)))
        db.session.execute(update(Activity).where(Activity.id == 2).values(title="=1+1"))
    shown = {
        state: {one for one in (own, other) if f'/works/{one}"' in host.get(f"{BOOK}?state={state}").text}
        for state in ("to_grade", "missing", "late", "on_the_way", "held", "excused")
    }
    assert shown == {
        "to_grade": {other},
        "missing": set(),
        "late": {own, other},
        "on_the_way": {own},
        "held": set(),
        "excused": set(),
    }
    everybody = pupils_in(host.get(BOOK).text)
    assert pupils_in(host.get(f"{BOOK}?state=missing").text) == everybody - 2
    family = school_b.begin(scene[PARTNERS].browser, person=7, link=school_b.links()[0]["id"]).claims["family_name"]
    assert "Nobody is so" in host.get(f"{BOOK}?search={family}").text  # the host may not read it, nor find by it
    assert f'/works/{other}"' in scene["partner"].get(f"{BOOK}?search={family}").text
    for number in ("page", "columns", "school", "unit"):
        for beyond in (999999, 10**30):
            assert host.get(f"{BOOK}?{number}={beyond}").status_code == 200
    assert host.get(f"{TOGETHER}?school={10**30}").status_code == 200
    assert host.post(TOGETHER, act="return", scope="ticked", pupil=str(10**30)).status_code == 422
    table = list(csv.reader(io.StringIO(host.get(f"{BOOK}/grades.csv").get_data(True).removeprefix("\ufeff"))))
    assert table[0][3].startswith("'=1+1")
    assert len(table) == everybody + 1
    assert family not in str(table)
    home = scene["partner"].get(f"{BOOK}/grades.csv").get_data(as_text=True)
    assert family in home
    assert 1 < len(home.splitlines()) < len(table)
    book = zipfile.ZipFile(io.BytesIO(host.get(f"{BOOK}/grades.xlsx").data))
    parts = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "<f>" not in parts
    assert "=1+1" in parts
    assert scene["pupil"].get(f"{BOOK}/grades.csv").status_code == 403


def sheet(scene: Scene, name: str) -> list[list[str]]:
    text = scene[name].get(f"{BOOK}/grades.csv").get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def settings(app: Flask, **values: Any) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(Assignment).where(Assignment.activity_id == 2).values(**values))


def notices(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(Notice.id).where(Notice.kind == "course.graded")).all())


def test_what_is_kept_back_is_seen_by_who_grades_and_told_to_nobody(
    app: Flask, scene: Scene, run_jobs: RunJobs
) -> None:
    host, partner, other = scene["host"], scene["partner"], scene.pupil_ids[PARTNERS]
    settings(app, held=True)
    cell = f"/courses/activities/2/cells/{other}"
    first = host.post(cell, points="7", version="0")
    assert first.json is not None
    assert ("kept back" in first.json["cell"], first.json["version"]) == (True, 1)
    assert "nobody is told" in first.json["said"]
    assert host.post(cell, points="6", version="0").status_code == 409
    assert host.post(cell, points="8", version="1").status_code == 200
    count = pupils_in(host.get(BOOK).text)
    many = {"act": "grade", "points": "5", "comment": "", "scope": "all"}
    assert "Nobody is told" in host.post(TOGETHER, **many).text
    host.post(TOGETHER, **many, sure=str(count - 1))
    host.post(f"{TOGETHER}?state=graded", act="comment", comment="Together", scope="all", sure=str(count))
    run_jobs()
    assert (how_many(app, Grade), how_many(app, Score), notices(app)) == (0, 0, 0)
    assert [line[3] for line in sheet(scene, "host")[1:]].count("5, kept back") == count - 1
    assert "8, kept back" in str(sheet(scene, "host"))
    theirs = [partner.get(BOOK).text, partner.get(f"{BOOK}?state=kept_back").text, str(sheet(scene, "partner"))]
    assert not [one for one in theirs if "kept back" in one]
    assert [f'/works/{other}"' in partner.get(f"{BOOK}?state={one}").text for one in ("kept_back", "to_grade")] == [
        True,
        True,
    ]
    assert f'/works/{other}"' not in host.get(f"{BOOK}?state=to_grade").text
    assert f'/works/{other}"' in host.get(f"{BOOK}?state=kept_back").text
    history = f"/courses/activities/2/works/{other}"
    assert "What was changed (3)" in host.get(history).text
    assert "What was changed" not in partner.get(history).text
    undo = re.search(r"/courses/activities/2/together/\d+/undo", host.get(TOGETHER).text)
    assert undo
    host.post(undo[0])
    with app.app_context():
        assert len(db.session.scalars(select(Mark.id)).all()) == count  # all have a comment since
    assert host.post("/courses/activities/2/release").status_code == 303
    run_jobs()
    assert (how_many(app, Grade), how_many(app, Score), notices(app)) == (count, count, count)
    assert "What was changed (1)" in partner.get(history).text
    assert changes(app)[-1][0] == "release"
    assert "Together" in partner.get(history).text


def test_grades_for_many_kept_back_are_taken_back(app: Flask, scene: Scene) -> None:
    host, own, other = scene["host"], scene.pupil_ids["pupil"], scene.pupil_ids[PARTNERS]
    settings(app, held=True)
    host.post(TOGETHER, act="excuse", reason="Ill", scope="ticked", pupil=str(own), sure="1")
    host.post(f"/courses/activities/2/cells/{own}", points="3", version="0")
    assert "Ill" not in host.get(f"/courses/activities/2/works/{own}").text
    count = pupils_in(host.get(BOOK).text)
    host.post(TOGETHER, act="grade", points="5", comment="", scope="all", sure=str(count - 1))
    host.post(f"/courses/activities/2/cells/{other}", points="9", version="1")
    undo = re.search(r"/courses/activities/2/together/\d+/undo", host.get(TOGETHER).text)
    assert undo
    assert host.post(undo[0]).status_code == 303
    with app.app_context():
        assert sorted(db.session.scalars(select(Mark.points))) == [3, 9]


def test_points_typed_go_by_the_rules_of_the_assignment(app: Flask, scene: Scene, run_jobs: RunJobs) -> None:
    host, own, other = scene["host"], scene.pupil_ids["pupil"], scene.pupil_ids[PARTNERS]
    settings(app, late_rule="deduct", late_percent=10, late_most=50)
    with app.app_context(), unit_of_work():
        due = utcnow() - timedelta(days=1, hours=2)
        db.session.execute(update(Activity).where(Activity.id == 2).values(due_at=due))
        of_other = update(Submission).where(Submission.identity_id == other)
        db.session.execute(of_other.values(own_due_at=utcnow() + timedelta(days=1)))
    late = {one for one in (own, other) if f'/works/{one}"' in host.get(f"{BOOK}?state=late").text}
    assert late == {own}
    typed = host.post(f"/courses/activities/2/cells/{own}", points="10", version="0")
    assert typed.json is not None
    assert "2 taken off" in typed.json["said"]
    count = pupils_in(host.get(BOOK).text)
    host.post(TOGETHER, act="grade", points="10", comment="", scope="all", sure=str(count - 1))
    with app.app_context():
        given = dict(db.session.execute(select(Grade.identity_id, Grade.points)).tuples().all())
    assert (given[own], given[other]) == (8, 10)
    assert notices(app) == count
    undo = re.search(r"/courses/activities/2/together/\d+/undo", host.get(TOGETHER).text)
    assert undo
    host.post(undo[0])
    assert (how_many(app, Grade), how_many(app, Score), notices(app)) == (1, 1, 1)
    with app.app_context():
        assert list(db.session.scalars(select(Mark.identity_id))) == [own]
        extra = {"activity_id": 2, "due_at": utcnow() + timedelta(days=2), "reason": "Ill", "given_by_id": own}
    missing = pupils_in(host.get(f"{BOOK}?state=missing").text)
    with app.app_context(), unit_of_work():
        db.session.add(Extension(participation_id=2, **extra))
    assert pupils_in(host.get(f"{BOOK}?state=missing").text) < missing
    with app.app_context(), unit_of_work():
        rubric = Rubric(activity_id=2, number=1, criteria=[], made_by_id=None)
        db.session.add(rubric)
        db.session.flush()
        db.session.execute(update(Mark).values(rubric_id=rubric.id))
    refused = host.post(f"/courses/activities/2/cells/{own}", points="4", version="1")
    assert (refused.status_code, "rubric" in refused.text) == (422, True)


def test_no_name_stands_beside_what_is_graded_without_names(app: Flask, scene: Scene, run_jobs: RunJobs) -> None:
    host, partner, own, other = scene["host"], scene["partner"], scene.pupil_ids["pupil"], scene.pupil_ids[PARTNERS]
    with app.app_context():
        statement = select(Submission.identity_id, AssignmentWork.number).join(
            AssignmentWork, AssignmentWork.submission_id == Submission.id
        )
        numbers = dict(db.session.execute(statement.where(Submission.activity_id == 2)).tuples().all())
    host.post(TOGETHER, act="excuse", reason="Ill", scope="ticked", pupil=str(own), sure="1")
    settings(app, held=True, anonymous=True)
    everybody = pupils_in(host.get(BOOK).text)
    for state in ("to_grade", "missing", "late", "kept_back", "excused"):
        assert "Nobody is so" in host.get(f"{BOOK}?state={state}").text
    book = host.get(BOOK).text
    assert "/activities/2/cells" not in book
    assert "/activities/2/works/" not in book
    for one in (own, other):
        assert host.post(f"/courses/activities/2/cells/{one}", points="4", version="0").status_code == 409
    page = host.get(f"{TOGETHER}?state=all").text
    works = [f"Work {number}" for number in sorted(numbers.values())]
    assert re.findall(r"Work \d+", page) == re.findall(r"Work \d+", host.get(f"{TOGETHER}?state=excused").text) == works
    names = [line[2] for line in sheet(scene, "host")[1:]]
    assert len(names) == everybody
    assert not [name for name in names if name in page]
    assert "xcuse" not in page
    assert host.post(TOGETHER, act="excuse", reason="", scope="all", sure="2").status_code == 422
    by_identity = {"act": "grade", "points": "6", "comment": "", "scope": "ticked"}
    assert host.post(TOGETHER, **by_identity, pupil="9999", sure="1").status_code == 422
    assert host.post(TOGETHER, **by_identity, pupil=str(numbers[other]), sure="1").status_code == 303
    host.post(f"{TOGETHER}?state=graded", act="comment", comment="Good", scope="all", sure="1")
    with app.app_context():
        assert db.session.execute(select(Mark.identity_id, Mark.comment)).tuples().all() == [(other, "Good")]
    assert host.post(TOGETHER, act="grade", points="7,5", comment="", scope="all", sure="1").status_code == 303
    table = sheet(scene, "host")
    assert "without names" in table[0][3]
    assert {line[3] for line in table[1:]} == {""}
    assert f'/activities/2/works/{other}"' in partner.get(BOOK).text  # who only teaches them at home knows the names
    host.post("/courses/activities/2/release")
    run_jobs()
    assert {line[3] for line in sheet(scene, "host")[1:]} == {"", "6", "7.5"}
    assert f"/activities/2/cells/{other}" in host.get(BOOK).text


def test_a_large_book_asks_no_more_than_a_small_one(app: Flask) -> None:
    asked = []
    for size in (Size(activities=1, schools=1, pupils=1), Size(activities=13, schools=3, pupils=45)):
        with app.app_context(), unit_of_work():
            for table in reversed(db.metadata.sorted_tables):
                db.session.execute(table.delete())
            seed(size)
        teacher = as_teacher(app)
        for path in (BOOK, "/courses/1", f"{BOOK}/grades.csv", TOGETHER.replace("2", "1")):
            assert teacher.get(f"{TOOL}{path}").status_code == 200
            with counted(app) as sent:
                teacher.get(f"{TOOL}{path}")
            asked.append(len(sent))
    assert asked[: len(asked) // 2] == asked[len(asked) // 2 :]
    assert max(asked) <= MOST_STATEMENTS


@given(st.text() | st.from_regex(r"\s?[=+@＝＋－＠-].?"))
def test_no_text_of_a_table_begins_a_formula(text: str) -> None:
    shown = inert(text)
    assert shown.removeprefix("'") == text.removeprefix("'")
    assert not shown.lstrip().startswith(tuple("=+-@＝＋－＠"))
