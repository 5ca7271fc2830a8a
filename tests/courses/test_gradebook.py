"""The gradebook says what has not arrived – in a class, in a column, anywhere – and sends just that once more."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from lti_tool.core.db import db, unit_of_work
from lti_tool.grades.models import LineItem, Score
from tests.courses.scene import Scene, build
from tests.factories.joining import in_english
from tests.lms import School

RunJobs = Callable[[], int]
BOOK, RETRY = "/courses/1/gradebook", "/courses/1/gradebook/retry"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School, run_jobs: RunJobs) -> Scene:
    """Two assignments (2 and 4), graded for both pupils; all four scores are on hold."""
    made = build(app, school_a, school_b)
    in_english(made["host"].browser)
    task = {"title": "Second", "body": "Write", "points": "10", "accept_text": "y", "accept_files": "y"}
    made["host"].post("/courses/1/activities/new/assignment", published="y", action="save", **task)
    for activity in (2, 4):
        for pupil in made.pupil_ids.values():
            made["host"].post(f"/courses/activities/{activity}/works/{pupil}", points="5", comment="", version="0")
    run_jobs()
    with app.app_context(), unit_of_work():
        db.session.execute(update(Score).values(state="parked", code="column_gone"))
    return made


def states(app: Flask) -> dict[tuple[int, str], str]:
    """By context and column."""
    with app.app_context():
        statement = select(LineItem.context_id, LineItem.resource_id, Score.state).join_from(Score, LineItem)
        return {(row[0], row[1]): row[2] for row in db.session.execute(statement)}


def told(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"(\d+) did not arrive", page)]


def test_each_class_and_column_says_what_is_missing(scene: Scene) -> None:
    page = scene["host"].get(BOOK).text
    assert "4 grades did not reach" in page
    assert told(page) == [2, 1, 1, 2, 1, 1]  # two classes, each with two columns
    assert told(scene["host"].get("/courses/activities/2/works").text) == [2]
    own = scene["partner"].get(BOOK).text
    assert "2 grades did not reach" in own
    assert told(own) == [2, 1, 1]


@pytest.mark.parametrize(
    ("who", "what", "sent"),
    [
        ("host", {"activity": "2"}, {(1, "activity-2"), (2, "activity-2")}),
        ("host", {"context": "2"}, {(2, "activity-2"), (2, "activity-4")}),
        ("host", {}, {(1, "activity-2"), (2, "activity-2"), (1, "activity-4"), (2, "activity-4")}),
        ("partner", {"activity": "4"}, {(2, "activity-4")}),
        ("partner", {"context": "1"}, set()),
        ("partner", {}, {(2, "activity-2"), (2, "activity-4")}),
        ("host", {"activity": "99"}, set()),
    ],
)
def test_just_these_are_sent_once_more(
    app: Flask, scene: Scene, who: str, what: dict[str, str], sent: set[tuple[int, str]]
) -> None:
    assert scene[who].post(RETRY, **what).status_code == 303
    assert {place for place, state in states(app).items() if state == "waiting"} == sent
    assert len(told(scene["host"].get(BOOK).text)) == {0: 6, 1: 5, 2: 4 if "activity" in what else 3, 4: 0}[len(sent)]
