"""Periodic duties: each by one scheduler, and none held up by another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from lti_tool.core import jobs
from lti_tool.core.db import db


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, of one duty that fails before one that does not."""
    found: list[str] = []

    def fails() -> None:
        found.append("failing")
        raise ValueError("a fault")

    duties = {"failing": (timedelta(hours=1), fails), "working": (timedelta(hours=1), lambda: found.append("working"))}
    monkeypatch.setattr(jobs, "_duties", duties)
    return found


def test_a_duty_that_fails_holds_up_no_other_and_is_tried_at_its_next_time(app: Flask, done: list[str]) -> None:
    with app.app_context():
        for _round in range(3):
            jobs.run_duties()
            db.session.rollback()
    assert done == ["failing", "working"]


def test_every_duty_of_the_tool_works_on_an_empty_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr(jobs.log, "warning", lambda *_words, **told: said.append(told))
    with app.app_context():
        jobs.run_duties()
    assert said == []
