"""Any order of answers, tabs, handing in, time and crashes: what the pupil was told is saved is what counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from lti_tool.core.db import db, utcnow
from lti_tool.courses.quizzes import jobs
from lti_tool.courses.quizzes.models import FINISHED, RUNNING, QuizAttempt
from lti_tool.courses.quizzes.queries import overdue
from tests.conftest import browser
from tests.courses.quizzes.town import Town
from tests.lms import School

LIMIT, GRACE = 600, 30
TOOL = "https://tool.example"
WORDS = ["one", "two", ""]


class Attempt(RuleBasedStateMachine):
    """One attempt of one pupil; `saved` is what the server confirmed."""

    def __init__(self, town: Town, make_app: Callable[[], Flask], clock: Any) -> None:
        super().__init__()
        self.town, self.make_app, self.clock = town, make_app, clock
        self.pupil = town.pupils[0]
        self.clock.shift(timedelta(hours=1))
        for address in self._running():
            jobs.close(address)
        self.address = town.begin(self.pupil)
        self.started = utcnow()
        self.saved = {1: "", 2: ""}
        self.version, self.last_tab = 1, ""
        self.tabs = {"a": 1, "b": 1}
        self.finished = False

    def _running(self) -> list[int]:
        with self.town.app.app_context():
            return overdue(9)

    @property
    def age(self) -> float:
        return (utcnow() - self.started).total_seconds()

    @rule(tab=st.sampled_from("ab"), number=st.sampled_from([1, 2]), word=st.sampled_from(WORDS), script=st.booleans())
    def answer(self, tab: str, number: int, word: str, script: bool) -> None:
        if script:
            status, over = self._by_script(tab, {number: word})
        else:
            status, over = self._by_form(tab, {**self.saved, number: word})
        new = {**self.saved, number: word}
        if self.finished or self.age > LIMIT + GRACE:
            assert over
            self.finished = True
        elif new != self.saved and self.version != self.tabs[tab] and self.last_tab != tab:
            assert status == 409
        else:
            assert status < 400
            if new != self.saved:
                self.saved, self.version, self.last_tab = new, self.version + 1, tab
            self.tabs[tab] = self.version

    def _by_script(self, tab: str, answers: dict[int, str]) -> tuple[int, bool]:
        body = {"answers": {str(key): [[f"q{key}", word]] for key, word in answers.items()}}
        body |= {"version": self.tabs[tab], "tab": tab}
        headers = {"Accept": "application/json", "X-CSRFToken": self._token()}
        answer = self.pupil.browser.post(f"{TOOL}{self.address}/answers", json=body, headers=headers)
        return answer.status_code, answer.status_code < 400 and answer.get_json()["over"]

    def _by_form(self, tab: str, answers: dict[int, str]) -> tuple[int, bool]:
        sent = {f"q{key}": word for key, word in answers.items()}
        sent |= {"version": str(self.tabs[tab]), "tab": tab, "page": "1", "action": "save", "csrf_token": self._token()}
        answer = self.pupil.browser.post(f"{TOOL}{self.address}", data=sent)
        return answer.status_code, answer.status_code == 303 and answer.location.endswith("/review")

    def _token(self) -> str:
        page = self.pupil.browser.get(f"{TOOL}/courses/activities/{self.town.quiz}").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        return found[1]

    @rule(tab=st.sampled_from("ab"))
    def open_anew(self, tab: str) -> None:
        page = self.pupil.get(self.address)
        if self.finished or self.age > LIMIT + GRACE:
            assert page.status_code == 303
            return
        found = re.search(r'name="version" value="(\d+)"', page.text)
        assert found
        self.tabs[tab] = int(found[1])
        assert self.tabs[tab] == self.version

    @rule(seconds=st.sampled_from([1, 300, LIMIT, LIMIT + GRACE + 1]))
    def wait(self, seconds: int) -> None:
        self.clock.shift(timedelta(seconds=seconds))

    @rule()
    def hand_in(self) -> None:
        data = {"csrf_token": self._token()}
        assert self.pupil.browser.post(f"{TOOL}{self.address}/finish", data=data).status_code == 303
        self.finished = True

    @rule()
    def clock_strikes(self) -> None:
        for number in self._running():
            jobs.close(number)
            self.finished = True

    @rule()
    def begin_twice(self) -> None:
        if self.finished or self.age > LIMIT + GRACE:
            return
        assert self.town.begin(self.pupil) == self.address

    @precondition(lambda self: not self.finished)
    @rule()
    def crash(self) -> None:
        """Another process on the same database, and the browser that was there before."""
        fresh = self.make_app()
        client = browser(fresh)
        client._cookies = self.pupil.browser._cookies  # type: ignore[attr-defined]
        self.pupil.browser = client

    @invariant()
    def what_was_confirmed_is_there(self) -> None:
        with self.town.app.app_context():
            attempt = db.session.get_one(QuizAttempt, int(self.address.rsplit("/", 1)[1]))
            kept = {each.position: (each.answer or [""])[0] for each in attempt.responses}
            assert kept == self.saved
            assert attempt.state == (FINISHED if self.finished else RUNNING)
            if self.finished:
                assert attempt.points == sum(word == "one" for word in self.saved.values())
            running = select(QuizAttempt.id).where(QuizAttempt.state == RUNNING)
            assert len(db.session.scalars(running).all()) <= 1


def test_an_attempt_keeps_what_it_confirmed(
    app: Flask, make_app: Callable[[], Flask], school_a: School, school_b: School
) -> None:
    with time_machine.travel(utcnow(), tick=False) as clock:
        town = Town(app, school_b, school_a, minutes=str(LIMIT // 60))
        for number in (1, 2):
            town.add("short", [{"text": "one"}], text=f"Question {number}?")
        found = settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        run_state_machine_as_test(lambda: Attempt(town, make_app, clock), settings=found)
