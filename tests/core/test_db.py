"""The unit of work: all or nothing, callbacks only after a commit; moments keep their zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from lti_tool.core.db import db, get_or_none, insert_if_absent, on_commit, unit_of_work, utcnow
from lti_tool.core.jobs import Heartbeat
from lti_tool.organizations.models import Organization


def test_commit_keeps_and_then_calls(app: Flask) -> None:
    called: list[bool] = []
    with app.app_context():
        with unit_of_work():
            db.session.add(Heartbeat(worker="a", at=datetime.now(UTC)))
            on_commit(lambda: called.append(True))
            assert called == []
        assert called == [True]
        assert get_or_none(Heartbeat, "a") is not None


def test_an_error_leaves_nothing_and_calls_nothing(app: Flask) -> None:
    called: list[bool] = []

    def fail() -> None:
        with unit_of_work():
            db.session.add(Heartbeat(worker="a", at=datetime.now(UTC)))
            on_commit(lambda: called.append(True))
            raise ValueError("stop")

    with app.app_context():
        with pytest.raises(ValueError, match="stop"):
            fail()
        with unit_of_work():
            pass
        assert called == []
        assert get_or_none(Heartbeat, "a") is None


def test_moments_come_back_in_utc(app: Flask) -> None:
    moment = datetime(2026, 9, 1, 8, 30, tzinfo=timezone(timedelta(hours=3)))
    with app.app_context():
        with unit_of_work():
            db.session.add(Heartbeat(worker="a", at=moment))
        db.session.remove()
        stored = db.session.get_one(Heartbeat, "a").at
        assert stored == moment
        assert stored.tzinfo is UTC


def test_a_naive_moment_is_refused(app: Flask) -> None:
    with app.app_context():
        db.session.add(Heartbeat(worker="a", at=datetime.fromisoformat("2026-09-01")))
        with pytest.raises(StatementError):
            db.session.flush()


@pytest.mark.parametrize("ident", [0, -1, 2**31, 2**63, 10**30])
def test_a_key_no_database_could_hold_is_nothing(app: Flask, ident: int) -> None:
    with app.app_context():
        assert get_or_none(Heartbeat, ident) is None


def test_an_insert_tells_whether_it_was_this_one(app: Flask) -> None:
    with app.app_context():
        for expected in (True, False):
            with unit_of_work():
                inserted = insert_if_absent(Heartbeat, {"worker": "one", "at": utcnow()})
            assert inserted is expected
        values = {"name": "School", "type": "school", "department": "City", "created_at": utcnow()}
        values |= {"city": "", "contacts": "", "locale": "en", "time_zone": "UTC"}
        with unit_of_work():
            assert insert_if_absent(Organization, values) is True
            assert insert_if_absent(Organization, {"id": 1, **values}) is False


def test_errors_name_no_values(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError) as told:
        db.session.execute(text("SELECT :name FROM nowhere"), {"name": "Пётр Иванов"})
    assert "Иванов" not in str(told.value)
