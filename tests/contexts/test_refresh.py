"""Rosters are read again by themselves; a school in trouble waits, and the others do not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, insert, select, update

from lti_tool.contexts.jobs import IN_FLIGHT, REFRESH_EVERY, USED_LATELY, refresh_used_rosters, sync_roster
from lti_tool.contexts.models import Context, RosterSync
from lti_tool.contexts.operations import ROSTER_FRESH
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.platforms.models import SUSPENDED, Registration
from tests.conftest import browser
from tests.lms import COURSE, OTHER_COURSE, PUPIL, SECOND_TEACHER, TEACHER, School

RunJobs = Callable[[], int]


@pytest.fixture
def read(app: Flask, school_a: School, school_b: School, run_jobs: RunJobs) -> None:
    """Two contexts of school A and one of school B, all read."""
    for school, person, course in (
        (school_a, TEACHER, COURSE),
        (school_a, SECOND_TEACHER, OTHER_COURSE),
        (school_b, TEACHER, COURSE),
    ):
        school.launch(browser(app), person, school.add_link(course, "Home"), follow=False)
    run_jobs()


def duty(app: Flask) -> list[str]:
    """Run the duty; the statements it sends."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            with unit_of_work():
                refresh_used_rosters()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
    return seen


def states(app: Flask) -> dict[int, str]:
    with app.app_context():
        return dict(db.session.execute(select(RosterSync.context_id, RosterSync.state)).tuples().all())


def set_sync(app: Flask, context_id: int | None = None, **values: Any) -> None:
    with app.app_context(), unit_of_work():
        statement = update(RosterSync).values(**values)
        db.session.execute(statement if context_id is None else statement.where(RosterSync.context_id == context_id))


def test_what_is_used_and_old_is_asked_for(app: Flask, read: None) -> None:
    duty(app)
    assert set(states(app).values()) == {"done"}
    with time_machine.travel(utcnow() + REFRESH_EVERY + timedelta(minutes=1)):
        with app.app_context(), unit_of_work():
            long_ago = utcnow() - USED_LATELY
            db.session.execute(update(Context).where(Context.id == 2).values(last_launch_at=long_ago))
        duty(app)
        assert states(app) == {1: "waiting", 2: "done", 3: "waiting"}


def test_a_suspended_school_is_left_alone(app: Flask, read: None) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(Registration).where(Registration.id == 2).values(state=SUSPENDED))
    with time_machine.travel(utcnow() + REFRESH_EVERY + timedelta(minutes=1)):
        duty(app)
        assert states(app) == {1: "waiting", 2: "waiting", 3: "done"}


def test_a_thousand_contexts_take_two_statements(app: Flask, read: None) -> None:
    now = utcnow()
    rows = [
        {
            "registration_id": 1,
            "deployment_pk": 1,
            "lms_id": f"many-{number}",
            "memberships_url": "https://lms.example/members",
            "last_launch_at": now,
            "created_at": now,
        }
        for number in range(1000)
    ]
    with app.app_context(), unit_of_work():
        db.session.execute(insert(Context), rows)
    assert len([each for each in duty(app) if each.startswith(("INSERT", "UPDATE", "SELECT"))]) == 2
    found = states(app)
    assert len(found) == 1003
    assert sum(state == "waiting" for state in found.values()) == 1000


def test_what_failed_rests_before_it_is_asked_for_again(app: Flask, read: None) -> None:
    set_sync(app, 1, state="failed", synced_at=None, error="not_found", due_at=utcnow())
    duty(app)
    assert states(app)[1] == "failed"
    with time_machine.travel(utcnow() + REFRESH_EVERY + timedelta(minutes=1)):
        duty(app)
        assert states(app)[1] == "waiting"


def test_launches_do_not_ask_for_what_failed_a_moment_ago(app: Flask, read: None, school_a: School) -> None:
    set_sync(app, 1, state="failed", synced_at=None, error="not_found", due_at=utcnow())
    link = school_a.add_link(COURSE, "Home")

    def enter() -> str:
        school_a.launch(browser(app), PUPIL, link, follow=False)
        return states(app)[1]

    assert enter() == "failed"
    with time_machine.travel(utcnow() + ROSTER_FRESH, tick=True):
        assert enter() == "waiting"


def test_a_school_in_trouble_waits_as_a_whole_and_no_other_does(
    app: Flask, read: None, school_a: School, run_jobs: RunJobs
) -> None:
    school_a.fault("nrps", "hang")
    set_sync(app, state="waiting", due_at=utcnow(), attempts=0)
    calls = len(school_a.calls("nrps"))
    run_jobs()
    assert states(app) == {1: "waiting", 2: "waiting", 3: "done"}
    assert len(school_a.calls("nrps")) - calls <= 2  # one try (and its repetition), not one for each course
    with app.app_context():
        assert all(row.due_at > utcnow() for row in db.session.scalars(select(RosterSync)) if row.context_id < 3)
    school_a.fault("nrps", "none", percent=0)
    with time_machine.travel(utcnow() + timedelta(minutes=1)):
        run_jobs()
    assert set(states(app).values()) == {"done"}


def test_a_hanging_school_takes_no_more_than_its_share_of_workers(app: Flask, read: None, school_a: School) -> None:
    now = utcnow()
    set_sync(app, 2, state="sending", leased_until=now + timedelta(minutes=1))
    set_sync(app, 1, state="waiting", due_at=now)
    assert IN_FLIGHT == 2
    with app.app_context(), unit_of_work():
        values = {"registration_id": 1, "deployment_pk": 1, "lms_id": "third", "created_at": now}
        third = db.session.execute(insert(Context).values(**values).returning(Context.id)).scalar_one()
        order = {"context_id": third, "state": "sending", "due_at": now, "leased_until": now + timedelta(minutes=1)}
        db.session.execute(insert(RosterSync).values(**order, attempts=1, members=0))
    with app.app_context():
        first = db.session.scalars(select(RosterSync.id).where(RosterSync.context_id == 1)).one()
        db.session.rollback()
        calls = len(school_a.calls("nrps"))
        sync_roster(first)
        assert len(school_a.calls("nrps")) == calls
        row = db.session.get_one(RosterSync, first)
        assert (row.state, row.attempts, row.due_at > utcnow()) == ("waiting", 0, True)
