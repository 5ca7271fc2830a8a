"""Delivery of scores: a worker drives one registration's lane for a turn, and a slow school holds up nobody else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import structlog
from flask import Flask, current_app
from sqlalchemy import select

from lti_tool.contexts.models import Context
from lti_tool.core import jobs
from lti_tool.core.db import db, unit_of_work
from lti_tool.core.metrics import service_calls
from lti_tool.grades import lanes
from lti_tool.grades.lanes import Lane, Order, Outcome
from lti_tool.grades.models import PARKED, SUPERSEDED, WAITING, LineItem, Score
from lti_tool.grades.operations import requeue
from lti_tool.grades.reconciliation.operations import request_comparisons
from lti_tool.grades.sending import Sender
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_SCORE
from lti_tool.platforms.models import ACTIVE, Registration

IN_FLIGHT = 4
"""Scores of one registration that are being sent at once."""
AHEAD = 8 * IN_FLIGHT
"""Scores claimed at once, so that nobody waits for the database between two calls."""
IN_A_ROW = 200
"""Scores a worker sends of one registration before others get their turn."""
TICK = 0.05
"""Seconds between two looks at what has been answered: all of it is noted in one transaction."""

SLICE = 0.02
"""Seconds of work handed to a thread at once, when a call takes less."""

log = structlog.get_logger(__name__)


class _Sent(NamedTuple):
    """What a thread brings back."""

    outcomes: list[Outcome]
    seconds: float


def _sent(sender: Sender, orders: Sequence[Order]) -> _Sent:
    began = time.monotonic()
    return _Sent(sender.send_all(orders), time.monotonic() - began)


@jobs.task("grades.deliver")
def deliver(registration_id: int) -> None:
    """Send what is due to one registration, until nothing is left, its LMS is away, or others should have their turn."""
    with unit_of_work():
        lane = lanes.take(registration_id)
    if lane is None:
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the app itself
    try:
        _Turn(lane, app).drive()
    finally:
        try:
            with unit_of_work():
                lanes.leave(lane)
        finally:
            lanes.forget(registration_id)
        with unit_of_work():
            if lanes.is_due(registration_id):
                jobs.wake(Score, [registration_id])


def _read_later_grades(outcomes: Sequence[Outcome]) -> None:
    """Where the LMS has a later grade than ours, what stands there is read at once, so that the teacher sees both."""
    columns = {outcome.order.line_item_id for outcome in outcomes if outcome.state == SUPERSEDED}
    if columns:
        request_comparisons(actor=None, line_item_ids=columns)


@dataclass
class _Turn:
    """One worker's time with one lane."""

    lane: Lane
    app: Flask
    taken: int = 0
    pace: float | None = None
    """Seconds a call took lately."""
    under_way: dict[Future[_Sent], Sequence[Order]] = field(default_factory=dict)

    def drive(self) -> None:
        """Claim, send and note until nothing is under way and no more may be claimed."""
        sender = Sender(self.app, self.lane.platform)
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix=f"lane-{self.lane.id}") as pool:
            while True:
                outcomes = self._answered()
                with unit_of_work():
                    if outcomes:
                        lanes.note_outcomes(self.lane, outcomes)
                        _read_later_grades(outcomes)
                    room = self._room()
                    orders = lanes.claim_scores(self.lane, room) if room else []
                self.taken += len(orders)
                for part in self._parts(orders):
                    self.under_way[pool.submit(_sent, sender, part)] = part
                if not self.under_way:
                    return

    def _parts(self, orders: Sequence[Order]) -> Iterator[Sequence[Order]]:
        """What one thread sends in a row: to a quick LMS more than to a slow one, for threads have a price too."""
        size = 1 if self.pace is None else max(1, min(AHEAD, int(SLICE / self.pace)))
        return (orders[start : start + size] for start in range(0, len(orders), size))

    def _answered(self) -> list[Outcome]:
        """What has been answered by now; once the LMS is away, also what need not be sent any more."""
        done, running = wait(self.under_way, timeout=TICK)
        outcomes: list[Outcome] = []
        for future in done:
            sent = future.result()
            self.pace = max(sent.seconds / len(sent.outcomes), 1e-6)
            outcomes += sent.outcomes
        for outcome in outcomes:
            self._learn(outcome)
        if self._is_over():
            stopped = [future for future in running if future.cancel()]
            left = [order for future in stopped for order in self.under_way[future]]
            outcomes += [Outcome(order, WAITING, self.lane.code, counts=False) for order in left]
            done |= set(stopped)
        for future in done:
            del self.under_way[future]
        return outcomes

    def _room(self) -> int:
        """How many more to claim; one alone has to show that an LMS in trouble is back."""
        if self._is_over():
            return 0
        width = 1 if self.lane.is_troubled else IN_FLIGHT if self.pace is None else AHEAD
        waiting = sum(map(len, self.under_way.values()))
        return max(0, min(width - waiting, IN_A_ROW - self.taken))

    def _is_over(self) -> bool:
        return self.lane.asked_until is not None or (self.lane.is_troubled and self.taken > 0)

    def _learn(self, outcome: Outcome) -> None:
        if not outcome.counts:
            return
        self.lane.note(outcome)
        service_calls.labels("assignment_and_grades", outcome.code or outcome.state).inc()
        told = {"state": outcome.state, "code": outcome.code, "status": outcome.status}
        log.info("score handled", score=outcome.order.score_id, **told)


@jobs.every(timedelta(minutes=1))
def wake_parked_scores() -> None:
    """Send what was parked for a reason that is gone: a suspension lifted, a service offered by now."""
    statement = (
        select(Score.line_item_id, Score.code, Context.ags_scopes, Context.lineitems_url, Registration.state)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Score.state == PARKED, Score.code.in_(("suspended", "scope_missing", "no_column")))
    )
    ready = {
        (row[0], row[1])
        for row in db.session.execute(statement)
        if row[4] == ACTIVE and _is_over(row[1], row[2], row[3])
    }
    for line_item_id, code in sorted(ready):
        parked = select(Score.id).where(Score.line_item_id == line_item_id, Score.state == PARKED, Score.code == code)
        requeue(db.session.scalars(parked).all())


def _is_over(code: str, scopes: list[str], lineitems_url: str | None) -> bool:
    if code == "suspended":
        return True
    if code == "scope_missing":
        return SCOPE_SCORE in scopes
    return SCOPE_LINE_ITEM in scopes and lineitems_url is not None
