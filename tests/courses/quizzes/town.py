"""A course of two schools with a quiz, through the pages people use."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.courses.scene import Person
from tests.lms import PUPIL, TEACHER, School


class Town:
    """A host with a course and a quiz, a partner, and a pupil of each school."""

    def __init__(self, app: Flask, host: School, partner: School, **settings: Any) -> None:
        self.app, self.schools = app, (host, partner)
        self.host, self.partner = Person(app, host, TEACHER), Person(app, partner, TEACHER)
        self.host.post("/courses/new", title="Rivers", description="", language="en", action="save")
        self.quiz = self.add_quiz(**settings)
        self.host.post("/courses/1/sharing", action="publish")
        code = re.search(r'readonly value="([^"]+)"', self.host.get("/courses/1/sharing").text)
        assert code
        for teacher in (self.host, self.partner):
            teacher.post(f"/courses/join/{teacher.context}", code=code[1])
        self.pupils = tuple(Person(app, school, PUPIL) for school in self.schools)

    def add_quiz(self, **settings: Any) -> int:
        values = {"title": "River quiz", "body": "Think.", "points": "10", "attempts": "0", "counts": "best"}
        values |= {"per_page": "0", "shown_things": ["after-marks", "after-right", "after-feedback"]} | settings
        answer = self.host.post("/courses/1/activities/new/quiz", published="y", action="save", **values)
        assert answer.status_code == 303, answer.text
        found = re.findall(r"/courses/activities/(\d+)\"", self.host.get("/courses/1").text)
        return int(found[-1])

    def add(self, kind: str, rows: list[dict[str, str]] | None = None, **texts: Any) -> TestResponse:
        """A question in the quiz, written as on its form."""
        values: dict[str, Any] = {"name": "", "feedback": "", "points": "1", "rows": str(len(rows or [])), **texts}
        for number, row in enumerate(rows or []):
            values |= {f"row-{number}-{name}": text for name, text in row.items()}
        address = f"/courses/1/questions/new/{kind}?quiz={self.quiz}"
        return self.host.post(address, action="save", **values)

    def add_every_kind(self) -> None:
        """One question of each type."""
        options = [{"text": "Volga", "feedback": "Yes!"}, {"text": "Don"}, {"text": "Neva"}, {"text": ""}]
        self.add("single", options, text="The longest? $x^2$", right="0", feedback="Look at a map.")
        self.add("multiple", options, text="Which two?", right=["0", "2"])
        self.add("truefalse", text="The Volga flows.", true="1", if_true="So it does.", if_false="")
        self.add("short", [{"text": "кислород"}, {"text": "O2", "share": "50"}], text="What do fish breathe?")
        number = {"value": "3530", "tolerance": "10", "share": "", "feedback": ""}
        self.add("numeric", [number], text="How long?", units="km\nm = 0.001")
        pairs = [{"left": "Volga", "right": "Caspian"}, {"left": "Don", "right": "Azov"}]
        self.add("matching", pairs, text="Match", extra="Baltic")
        self.add("ordering", [{"text": "spring"}, {"text": "river"}, {"text": "sea"}], text="Order")
        self.add("gaps", text="The [[Volga]] flows into the [[>Caspian|Black]] Sea.")
        self.add("essay", text="Write about rivers.", lines="5", notes="Look for facts.")

    def begin(self, pupil: Person, quiz: int | None = None) -> str:
        """The address of the pupil's attempt."""
        answer = pupil.post(f"/courses/activities/{quiz or self.quiz}/quiz/start")
        assert answer.status_code == 303, answer.text
        return str(answer.location)


def fields(page: str) -> dict[str, str]:
    """Hidden fields of an attempt's page."""
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("version", "tab", "page")}  # type: ignore[index]


def option(page: str, question: int, text: str) -> str:
    """The value that stands for an option of a question on this page."""
    part = page.partition(f'id="question-{question}"')[2].partition("</fieldset>")[0]
    by_label = re.search(rf'value="(\d+)"[^>]*><label[^>]*>(?:<p>)?{text}', part)
    by_option = re.search(rf'<option value="(\d+)"[^>]*>{text}<', part)
    found = by_label or by_option
    assert found, part
    return found[1]


def labelled(page: str, question: int, text: str) -> str:
    """The name of the control whose label is this text."""
    part = page.partition(f'id="question-{question}"')[2].partition("</fieldset>")[0]
    found = re.search(rf'for="([^"]+)">(?:<p>)?{text}', part)
    assert found, part
    return found[1]


def right_answers(page: str) -> dict[str, str | list[str]]:
    """What a pupil who knows everything sends for add_every_kind."""
    return {
        "q1": option(page, 1, "Volga"),
        "q2": [option(page, 2, "Volga"), option(page, 2, "Neva")],
        "q3": "1",
        "q4": "Кислород",
        "q5": "3 531 km",
        labelled(page, 6, "Volga"): option(page, 6, "Caspian"),
        labelled(page, 6, "Don"): option(page, 6, "Azov"),
        labelled(page, 7, "spring"): "1",
        labelled(page, 7, "river"): "2",
        labelled(page, 7, "sea"): "3",
        "q8-0": "volga",
        "q8-1": option(page, 8, "Caspian"),
        "q9": "Rivers are long.",
    }
