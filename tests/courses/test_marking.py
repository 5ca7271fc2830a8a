"""The gradebook as a place to work in: cells by keyboard, one answer for many, excuses, history, files, filters."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.gradebook.files import inert
from lti_tool.courses.gradebook.models import GradeChange
from lti_tool.courses.models import Activity, Grade
from lti_tool.grades.models import Score
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
    assert how_many(app, Grade) == count


def test_comments_and_excuses_for_those_who_are_ticked(app: Flask, scene: Scene) -> None:
    host, own, other = scene["host"], scene.pupil_ids["pupil"], scene.pupil_ids[PARTNERS]
    ticked = {"scope": "ticked", "pupil": str(own)}
    excuse = {"act": "excuse", "reason": "Was ill", **ticked}
    assert "It is for 1 pupil" in host.post(TOGETHER, **excuse).text
    assert host.post(TOGETHER, **excuse, sure="1").status_code == 303
    assert "Was ill" in host.get(f"/courses/activities/2/works/{own}").text
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
        assert host.get(f"{BOOK}?{number}=999999").status_code == 200
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


@given(st.text())
def test_no_text_of_a_table_begins_a_formula(text: str) -> None:
    shown = inert(text)
    assert shown.removeprefix("'") == text.removeprefix("'")
    assert not shown.lstrip().startswith(("=", "+", "-", "@"))
