"""The outbox as a state machine: whatever happens in whatever order, no grade is lost and no older one wins.

Each example plays with a column of its own in the sandbox LMS, which keeps AGS's and Moodle's rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from lti_tool.core import db as core_db
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.grades import lanes
from lti_tool.grades.jobs import deliver
from lti_tool.grades.models import DELIVERED, PARKED, REFUSED, SENDING, STATES, SUPERSEDED, WAITING, DeliveryLane, Score
from lti_tool.grades.operations import retry_scores
from lti_tool.grades.sending import Sender
from tests.conftest import browser
from tests.factories.grades import record
from tests.lms import COURSE, PUPIL, School

PUPILS = st.sampled_from([PUPIL, PUPIL + 1])
FAULTS = st.sampled_from(["500", "429", "401", "html"])
STEP_BACK = timedelta(hours=1)


class Line:
    """The way to the LMS, on which an answer can be lost and a grade can be changed while it travels."""

    def __init__(self, school: School) -> None:
        self.inner = school.app.wsgi_app
        self.lose_answer = False
        self.meanwhile: Callable[[], object] | None = None
        school.app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].endswith("/scores"):
            return self.inner(environ, start)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        lost, self.lose_answer = self.lose_answer, False
        answer = self.inner(environ, (lambda *_args: None) if lost else start)
        if not lost:
            return answer
        start("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b"gone"]


class World:
    """What all examples share."""

    def __init__(self, app: Flask, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.school, self.line = app, school, Line(school)
        self.examples = 0
        self.stepped = timedelta(0)
        clock = SimpleNamespace(now=lambda zone: datetime.now(zone) + self.stepped)
        monkeypatch.setattr(core_db, "datetime", clock)


class Outbox(RuleBasedStateMachine):
    """One column, two pupils, a worker, a teacher at the LMS, and an LMS on a bad day."""

    world: World

    @initialize()
    def a_column(self) -> None:
        self.world.examples += 1
        self.resource_id = f"activity-{self.world.examples}"
        self.given: dict[int, float] = {}
        """The newest grade given here: each is higher than all before."""
        self.own: dict[int, float] = {}
        """What a teacher wrote in the LMS."""
        self.seen: dict[int, float] = {}
        self.wiped: set[int] = set()
        """Graded before somebody deleted the column there: only a comparison finds that out."""
        self.highest = 0.0
        self.world.stepped = timedelta(0)
        self._quiet()

    # ---- what people do

    @rule(pupil=PUPILS)
    def grade(self, pupil: int) -> None:
        self.highest += 0.25
        record(self.world.app, pupil, self.highest, resource_id=self.resource_id, maximum=100.0)
        self.given[pupil] = self.highest
        self.wiped.discard(pupil)

    @rule(pupil=PUPILS)
    def grade_while_one_is_on_its_way(self, pupil: int) -> None:
        self.world.line.meanwhile = lambda: self.grade(pupil)

    @precondition(lambda self: self._column() is not None)
    @rule(pupil=PUPILS)
    def change_in_the_lms(self, pupil: int) -> None:
        self.own[pupil] = 99.0
        self.world.school.override(self._column()["id"], pupil, 99.0)

    @precondition(lambda self: self._column() is not None)
    @rule()
    def delete_the_column(self) -> None:
        self.world.school.delete_column(self._column()["id"])
        self.own.clear()
        self.seen.clear()
        self.wiped |= set(self.given)

    @rule()
    def press_retry(self) -> None:
        with self.world.app.app_context(), unit_of_work():
            retry_scores(actor=None, score_ids=[row.id for row in self._scores()])

    # ---- what machines do

    @rule()
    def work(self) -> None:
        deliver(1)

    @rule()
    def work_twice_over(self) -> None:
        deliver(1)
        deliver(1)

    @rule(sends=st.booleans())
    def a_worker_dies(self, sends: bool) -> None:
        """With a claimed score in hand, before or after it was sent."""
        with self.world.app.app_context():
            with unit_of_work():
                lane = lanes.take(1)
                orders = lanes.claim_scores(lane, 1) if lane is not None else []
            if lane is not None and sends:
                Sender(self.world.app, lane.platform).send_all(orders)

    @rule(kind=FAULTS, times=st.integers(1, 3))
    def a_bad_day_of_the_lms(self, kind: str, times: int) -> None:
        self.world.school.fault("ags", kind, times=times)

    @rule()
    def an_answer_is_lost(self) -> None:
        self.world.line.lose_answer = True

    @rule()
    def time_passes(self) -> None:
        """Leases end and pauses are over."""
        past = {"due_at": utcnow() - timedelta(seconds=1)}
        with self.world.app.app_context(), unit_of_work():
            for model in (Score, DeliveryLane):
                held = update(model).where(model.state == SENDING)
                db.session.execute(held.values(leased_until=utcnow() - timedelta(seconds=1)))
                db.session.execute(update(model).where(model.state == WAITING).values(**past))

    @rule(back=st.booleans())
    def the_clock_is_set(self, back: bool) -> None:
        self.world.stepped = -STEP_BACK if back else timedelta(0)

    # ---- what is always so

    @invariant()
    def no_column_is_doubled(self) -> None:
        assert len(self._columns()) <= 1

    @invariant()
    def no_older_grade_replaces_a_newer_one(self) -> None:
        for pupil, cell in self._cells().items():
            raw = cell["raw"] or 0.0
            assert raw >= self.seen.get(pupil, 0.0)
            self.seen[pupil] = raw

    @invariant()
    def what_a_teacher_wrote_in_the_lms_stands(self) -> None:
        cells = self._cells()
        assert {pupil: cells[pupil]["score"] for pupil in self.own} == self.own

    @invariant()
    def states_mean_what_they_say(self) -> None:
        for row in self._scores():
            assert row.state in STATES
            assert (row.leased_by is not None) == (row.state == SENDING)
            if row.state in (SUPERSEDED, REFUSED, PARKED):
                assert row.code

    def teardown(self) -> None:
        """Once the trouble is over everything is where it belongs."""
        if not hasattr(self, "given"):
            return
        self._quiet()
        self.world.stepped = timedelta(0)
        for _round in range(4):
            self.time_passes()
            self.press_retry()
            deliver(1)
        cells, scores = self._cells(), {int(row.identity.sub): row for row in self._scores()}
        assert set(scores) == set(self.given)
        for pupil, value in self.given.items():
            assert scores[pupil].given == value
            if scores[pupil].state == SUPERSEDED:
                assert pupil in self.own
            else:
                assert scores[pupil].state == DELIVERED
                assert pupil in self.wiped or cells[pupil]["raw"] == value

    # ---- helpers

    def _quiet(self) -> None:
        self.world.school.fault("ags", "none")
        self.world.line.lose_answer, self.world.line.meanwhile = False, None

    def _columns(self) -> list[dict[str, Any]]:
        return [column for column in self.world.school.columns() if column["resource_id"] == self.resource_id]

    def _column(self) -> Any:
        return next(iter(self._columns()), None)

    def _cells(self) -> dict[int, dict[str, Any]]:
        column = self._column()
        return {} if column is None else {int(user): cell for user, cell in column["grades"].items()}

    def _scores(self) -> list[Score]:
        with self.world.app.app_context():
            statement = select(Score).where(Score.line_item.has(resource_id=self.resource_id))
            rows = list(db.session.scalars(statement).unique())
            for row in rows:
                assert row.identity.sub
            db.session.expunge_all()
            return rows


def test_whatever_happens_no_grade_is_lost(app: Flask, school_a: School, monkeypatch: pytest.MonkeyPatch) -> None:
    link = school_a.add_link(COURSE, "Report", custom={"content": "home"}, graded=False)
    for person in (PUPIL, PUPIL + 1):
        assert school_a.launch(browser(app), person, link, follow=False).status_code == 303
    Outbox.world = World(app, school_a, monkeypatch)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Outbox, settings=settings(max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    )
