"""The statements of delivery: take a lane, claim its newest due scores, note what became of them, leave the lane.

A lane is one registration's. One worker drives it at a time, so what is in flight to one school has a limit, and a school
that hangs holds up no other. Everything here is one transaction of the caller's and a few statements for many scores.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import Gauge
from sqlalchemy import and_, bindparam, exists, func, or_, select, tuple_, update

from lti_tool.contexts.models import Context
from lti_tool.core import jobs
from lti_tool.core.db import db, execute, run, table_of, utcnow
from lti_tool.core.metrics import registry
from lti_tool.grades.models import CLOSES_AFTER, DELIVERED, PARKED, SENDING, WAITING, DeliveryLane, LineItem, Score
from lti_tool.people.models import Identity
from lti_tool.platforms.access import KnownPlatform, platform_by_id

FIRST_CLOSURE, LONGEST_CLOSURE = timedelta(seconds=15), timedelta(minutes=10)
"""How long a lane stays closed; doubles with each call that shows that the LMS is still away."""
RENEWED_EVERY = timedelta(seconds=10)
"""A driver says this often that it is still there."""


@dataclass(frozen=True)
class Order:
    """One score to deliver, as values that outlive the transaction."""

    score_id: int
    version: int
    attempts: int
    """This one included."""
    given: float
    maximum: float
    comment: str = field(repr=False)
    timestamp: datetime
    """To be sent; stored before the first byte goes out."""
    sub: str = field(repr=False)
    line_item_id: int
    resource_id: str
    label: str
    resource_link_lms_id: str | None
    url: str | None = field(repr=False)
    agreed_maximum: float | None
    fit: str
    lineitems_url: str | None = field(repr=False)
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of an order."""

    order: Order
    state: str
    code: str | None = None
    status: int | None = None
    due_at: datetime | None = None
    """When it is tried again; None unless it waits."""
    closes_until: datetime | None = None
    """The LMS asked to be left alone until then."""
    trouble: bool = False
    """The LMS gave no answer of use: about the LMS, not about this score."""
    counts: bool = True
    """An attempt was made."""


@dataclass
class Lane:
    """A lane as its driver holds it."""

    id: int
    platform: KnownPlatform
    failures: int = 0
    code: str | None = None
    troubled_since: datetime | None = None
    leased_until: datetime = field(default_factory=lambda: utcnow() + jobs.LEASE)
    asked_until: datetime | None = None
    """The LMS asked to be left alone until then."""

    @property
    def is_troubled(self) -> bool:
        """So many calls in a row had no answer that one more has to show that the LMS is back."""
        return self.failures >= CLOSES_AFTER

    def note(self, outcome: Outcome) -> None:
        """Learn from one call whether the LMS is there."""
        if outcome.trouble:
            self.failures += 1
            self.code = outcome.code
            self.troubled_since = self.troubled_since or utcnow()
        else:
            self.failures, self.code, self.troubled_since = 0, None, None
        if outcome.closes_until is not None:
            self.asked_until = max(outcome.closes_until, self.asked_until or outcome.closes_until)

    def opens_at(self, now: datetime) -> datetime:
        """When a worker may drive it again."""
        if not self.is_troubled:
            return self.asked_until or now
        steps = min(self.failures - CLOSES_AFTER, 10)
        closed = min(FIRST_CLOSURE * float(2**steps), LONGEST_CLOSURE) * random.uniform(0.8, 1.2)
        return max(now + closed, self.asked_until or now)


_waits = and_(Score.registration_id == DeliveryLane.id, Score.state == WAITING, Score.due_at <= bindparam("now"))
_abandoned = and_(
    Score.registration_id == DeliveryLane.id, Score.state == SENDING, Score.leased_until < bindparam("now")
)
_DUE_LANES = (
    select(DeliveryLane.id)
    .where(
        or_(
            and_(DeliveryLane.state == WAITING, DeliveryLane.due_at <= bindparam("now")),
            and_(DeliveryLane.state == SENDING, DeliveryLane.leased_until < bindparam("now")),
        ),
        or_(exists().where(_waits), exists().where(_abandoned)),
    )
    .order_by(DeliveryLane.due_at, DeliveryLane.id)
    .limit(bindparam("count"))
)


def due_lanes(limit: int = jobs.SWEEP_BATCH) -> list[int]:
    """Registrations with scores to send now whose lane is open and has no driver, or one that is gone."""
    release_lost()
    return [row[0] for row in run(_DUE_LANES, {"now": utcnow(), "count": limit})]


def is_due(registration_id: int) -> bool:
    """Whether a worker would find something to do in this lane now."""
    return run(_IS_DUE, {"now": utcnow(), "count": 1, "lane": registration_id}).first() is not None


_IS_DUE = _DUE_LANES.where(DeliveryLane.id == bindparam("lane"))


def release_lost() -> None:
    """Give back, with the scores in hand, lanes whose driver on this host is gone, or was thrown out by the database."""
    held = select(DeliveryLane.id, DeliveryLane.leased_by).where(DeliveryLane.state == SENDING)
    for lane_id, driver in db.session.execute(held).all():
        if lane_id in _driven if driver == jobs.worker_name() else not jobs.is_gone(driver):
            continue
        now = utcnow()
        for model, mine in ((DeliveryLane, DeliveryLane.id == lane_id), (Score, Score.registration_id == lane_id)):
            left = update(model).where(mine, model.state == SENDING, model.leased_by == driver)
            execute(left.values(state=WAITING, due_at=now, **_FREE).execution_options(**_BULK))


_driven: set[int] = set()
"""Registrations whose lanes this process drives."""


def take(registration_id: int) -> Lane | None:
    """Become the driver of a lane; None when it is closed, has one, or its registration is not active.

    The driver says `forget` at the end, whatever happened.
    """
    if not jobs.claim(DeliveryLane, registration_id):
        return None
    _driven.add(registration_id)
    now = utcnow()
    mine = Score.registration_id == registration_id
    given_back = update(Score).where(mine, Score.state == SENDING, Score.leased_until < now)
    execute(given_back.values(state=WAITING, due_at=now, **_FREE).execution_options(**_BULK))
    platform = platform_by_id(registration_id)
    assert platform is not None
    if not platform.is_active:
        parked = update(Score).where(mine, Score.state == WAITING, Score.due_at <= now)
        execute(parked.values(state=PARKED, code="suspended", status=None).execution_options(**_BULK))
        leave(Lane(registration_id, platform))
        forget(registration_id)
        return None
    row = db.session.execute(_LANE, {"id": registration_id}).one()
    return Lane(registration_id, platform, *row)


_BULK = {"synchronize_session": False}
_LANE = select(DeliveryLane.failures, DeliveryLane.code, DeliveryLane.troubled_since).where(
    DeliveryLane.id == bindparam("id")
)
_newest = (
    select(Score.id)
    .where(Score.registration_id == bindparam("lane"), Score.state == WAITING, Score.due_at <= bindparam("now"))
    .order_by(Score.due_at.desc(), Score.id.desc())
    .limit(bindparam("count"))
)
"""Found by the index alone, however many wait: a planner might begin with the line item and sort all its scores."""
_DUE = (
    select(
        Score.id.label("score_id"),
        Score.version,
        Score.attempts,
        Score.given,
        Score.maximum,
        Score.comment,
        Score.graded_at,
        Score.sent_timestamp,
        Identity.sub,
        LineItem.id.label("line_item_id"),
        LineItem.resource_id,
        LineItem.label,
        LineItem.resource_link_lms_id,
        LineItem.url,
        LineItem.agreed_maximum,
        LineItem.fit,
        LineItem.fitted_at,
        Context.lineitems_url,
        Context.ags_scopes,
    )
    .select_from(Score)
    .join(LineItem, LineItem.id == Score.line_item_id)
    .join(Context, Context.id == LineItem.context_id)
    .join(Identity, Identity.id == Score.identity_id)
    .where(Score.id.in_(_newest), Score.state == WAITING)
    .order_by(Score.due_at.desc(), Score.id.desc())
    .with_for_update(of=Score, skip_locked=True)
)
_scores = table_of(Score)
_CLAIM = (
    update(_scores)
    .where(_scores.c.id == bindparam("score_id"))
    .values(
        state=SENDING,
        attempts=_scores.c.attempts + 1,
        leased_until=bindparam("until"),
        leased_by=bindparam("worker"),
        sent_timestamp=bindparam("stamp"),
    )
)


def claim_scores(lane: Lane, count: int) -> list[Order]:
    """Claim up to `count` due scores of a lane, those that came last first, and store the timestamps to be sent."""
    now = utcnow()
    orders = [_order(**row) for row in run(_DUE, {"lane": lane.id, "now": now, "count": count}).mappings()]
    if orders:
        lease = {"until": now + jobs.LEASE, "worker": jobs.worker_name()}
        run(_CLAIM, [{"score_id": order.score_id, "stamp": order.timestamp, **lease} for order in orders])
    return orders


def _order(
    *,
    attempts: int,
    graded_at: datetime,
    sent_timestamp: datetime | None,
    fitted_at: datetime | None,
    ags_scopes: list[str],
    **same: Any,
) -> Order:
    timestamp = _timestamp(graded_at, sent_timestamp, fitted_at)
    return Order(attempts=attempts + 1, timestamp=timestamp, scopes=tuple(ags_scopes), **same)


def _timestamp(graded_at: datetime, sent_timestamp: datetime | None, fitted_at: datetime | None) -> datetime:
    """When the grade was given, so that a teacher's later edit in the LMS wins; a whole second after the one sent last
    and after the column was given another maximum, which Moodle takes for a change of every grade.

    Moodle compares whole seconds and refuses an equal one.
    """
    earlier = (moment.replace(microsecond=0) for moment in (sent_timestamp, fitted_at) if moment is not None)
    return max([graded_at.replace(microsecond=0), *(moment + timedelta(seconds=1) for moment in earlier)])


def note_outcomes(lane: Lane, outcomes: Sequence[Outcome]) -> None:
    """Note the answers; a score that was given anew meanwhile is sent once more, at once."""
    now, worker = utcnow(), jobs.worker_name()
    alike: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for one in outcomes:
        key = (one.state, one.code, one.status, one.due_at, one.counts)
        alike.setdefault(key, []).append((one.order.score_id, one.order.version))
    mine = (_scores.c.state == SENDING) & (_scores.c.leased_by == worker)
    for (state, code, status, due_at, counts), seen in alike.items():
        values = {"state": state, "code": code, "status": status, "due_at": due_at or now, **_FREE}
        if state == DELIVERED:
            values |= {"attempts": 0, "delivered_at": now}
        elif not counts:
            values["attempts"] = _scores.c.attempts - 1
        these = _scores.c.id.in_([score_id for score_id, _version in seen])  # SQLite finds no index for pairs
        unchanged = tuple_(_scores.c.id, _scores.c.version).in_(seen)
        run(update(_scores).where(these, unchanged, mine).values(**values))
    ids = [outcome.order.score_id for outcome in outcomes]
    again = {"state": WAITING, "due_at": now, "attempts": 0, "code": None, "status": None, **_FREE}
    run(update(_scores).where(_scores.c.id.in_(ids), mine).values(**again))
    _forget_columns([outcome.order for outcome in outcomes if outcome.code == "column_gone"])
    if now + jobs.LEASE - lane.leased_until > RENEWED_EVERY:
        _hold(lane, now)


_FREE = {"leased_until": None, "leased_by": None}


def _hold(lane: Lane, now: datetime) -> None:
    """Renew the lease of the lane's driver."""
    lane.leased_until = now + jobs.LEASE
    held = update(DeliveryLane).where(DeliveryLane.id == lane.id, DeliveryLane.leased_by == jobs.worker_name())
    execute(held.values(leased_until=lane.leased_until).execution_options(**_BULK))


def _forget_columns(orders: Collection[Order]) -> None:
    """The LMS has deleted them; one that was found anew meanwhile stays."""
    for line_item_id, url in {(order.line_item_id, order.url) for order in orders}:
        gone = update(LineItem).where(LineItem.id == line_item_id, LineItem.url == url).values(url=None, fit="")
        execute(gone.execution_options(**_BULK))


def leave(lane: Lane) -> None:
    """Let others drive, also what a failure left in hand. A lane that was closed and works again calls all that waits."""
    before = db.session.scalar(select(DeliveryLane.failures).where(DeliveryLane.id == lane.id)) or 0
    values = {"failures": lane.failures, "code": lane.code, "troubled_since": lane.troubled_since}
    free = {"state": WAITING, "due_at": lane.opens_at(utcnow()), **_FREE}
    own = update(DeliveryLane).where(DeliveryLane.id == lane.id, DeliveryLane.leased_by == jobs.worker_name())
    execute(own.values(**values, **free).execution_options(**_BULK))
    in_hand = (Score.registration_id == lane.id) & (Score.state == SENDING) & (Score.leased_by == jobs.worker_name())
    execute(update(Score).where(in_hand).values(state=WAITING, due_at=utcnow(), **_FREE).execution_options(**_BULK))
    if before and not lane.failures:
        later = (Score.registration_id == lane.id) & (Score.state == WAITING) & (Score.due_at > utcnow())
        execute(update(Score).where(later).values(due_at=utcnow()).execution_options(**_BULK))


def forget(registration_id: int) -> None:
    """This process drives the lane no more; what it could not give back is given back by the next sweep."""
    _driven.discard(registration_id)


def open_lanes(score_ids: Collection[int]) -> None:
    """Somebody wants these scores to be tried now, also where the LMS was away a moment ago."""
    registrations = select(Score.registration_id).where(Score.id.in_(score_ids))
    shut = update(DeliveryLane).where(DeliveryLane.id.in_(registrations), DeliveryLane.due_at > utcnow())
    execute(shut.values(due_at=utcnow()).execution_options(**_BULK))


def count_closed() -> int:
    """Registrations whose LMS does not answer."""
    closed = select(func.count()).select_from(DeliveryLane).where(DeliveryLane.failures >= CLOSES_AFTER)
    return db.session.scalar(closed) or 0


closed_lanes = Gauge("lti_lanes_closed", "Registrations whose LMS does not answer", registry=registry)
closed_lanes.set_function(count_closed)
