"""Background work on rosters: read one, and ask for those of contexts used lately. See docs/developer/rosters.md."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, func, literal, or_, select, update

from lti_tool.contexts.models import Context, RosterSync
from lti_tool.contexts.operations import request_roster
from lti_tool.contexts.rosters import is_settled, store_roster
from lti_tool.core import jobs
from lti_tool.core.db import UTCDateTime, db, execute, insert_absent, unit_of_work, utcnow
from lti_tool.core.metrics import service_calls
from lti_tool.lti.services import Retry, Roster, ServiceError
from lti_tool.platforms.access import KnownPlatform, names_and_roles, platform_of
from lti_tool.platforms.models import ACTIVE, Registration

REFRESH_EVERY = timedelta(hours=6)
"""Rosters of contexts in use are read again after this, without anybody asking."""
USED_LATELY = timedelta(days=14)
"""A context launched from within this time is in use."""
GIVE_UP_AFTER = 6
"""Attempts; then a launch after a while, a person's click or the next refresh begins anew."""
IN_FLIGHT = 2
"""Rosters of one registration that are read at once: a school that hangs takes no more workers than this."""
STEP_BACK = timedelta(seconds=5)
"""How long a roster waits when its registration has enough in flight."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """What is needed to read a roster after the transaction has ended."""

    context_id: int
    registration_id: int
    url: str
    platform: KnownPlatform
    known: str | None
    """Digest of the answer stored last, when an equal one would change nothing."""


@jobs.task("contexts.sync_roster")
def sync_roster(sync_id: int) -> None:
    """Read one context's roster and store it; at any trouble the old one stays as it was."""
    with unit_of_work():
        order = _begin(sync_id)
    if order is None:
        return
    try:
        roster = names_and_roles(order.platform).members(order.url, known=order.known)
    except ServiceError as error:
        service_calls.labels("names_and_roles", error.code).inc()
        with unit_of_work():
            _failed(sync_id, order, error)
            _call_next(order.registration_id)
        return
    service_calls.labels("names_and_roles", "ok").inc()
    with unit_of_work():
        _store(sync_id, order, roster)
        _call_next(order.registration_id)


def _begin(sync_id: int) -> _Order | None:
    registration_id = select(Context.registration_id).join(RosterSync, RosterSync.context_id == Context.id)
    registration_id = registration_id.where(RosterSync.id == sync_id)
    if _in_flight(registration_id) >= IN_FLIGHT:
        _step_back(sync_id)
        return None
    if not jobs.claim(RosterSync, sync_id):
        return None
    sync = db.session.get_one(RosterSync, sync_id)
    context = sync.context
    if context.memberships_url is None or context.registration.state != ACTIVE:
        sync.state, sync.error = "done", "not_offered"
        return None
    settled = sync.digest is not None and sync.synced_at is not None and is_settled(context.id, sync.synced_at)
    return _Order(
        context_id=context.id,
        registration_id=context.registration_id,
        url=context.memberships_url,
        platform=platform_of(context.registration),
        known=sync.digest if settled else None,
    )


def _in_flight(registration_id: Select[tuple[int]]) -> int:
    statement = (
        select(func.count())
        .select_from(RosterSync)
        .join(Context, Context.id == RosterSync.context_id)
        .where(
            Context.registration_id == registration_id.scalar_subquery(),
            RosterSync.state == "sending",
            RosterSync.leased_until > utcnow(),
        )
    )
    return db.session.scalar(statement) or 0


def _step_back(sync_id: int) -> None:
    """Leave a due roster for later, so that other schools' come first."""
    waits = update(RosterSync).where(RosterSync.id == sync_id, RosterSync.state == "waiting")
    later = waits.values(due_at=utcnow() + STEP_BACK * random.uniform(0.8, 1.2))
    execute(later.execution_options(synchronize_session=False))


def _call_next(registration_id: int) -> None:
    """There is room again: the roster of this registration that stepped back first need not wait any longer."""
    statement = (
        select(RosterSync.id)
        .join(Context, Context.id == RosterSync.context_id)
        .where(
            Context.registration_id == registration_id,
            RosterSync.state == "waiting",
            RosterSync.due_at <= utcnow() + STEP_BACK * 1.2,
        )
        .order_by(RosterSync.due_at)
        .limit(1)
    )
    following = db.session.scalar(statement)
    if following is not None:
        now = update(RosterSync).where(RosterSync.id == following).values(due_at=utcnow())
        execute(now.execution_options(synchronize_session=False))
        jobs.wake(RosterSync, [following])


def _store(sync_id: int, order: _Order, roster: Roster) -> None:
    sync = db.session.get_one(RosterSync, sync_id)
    if roster.unchanged:
        assert sync.synced_at is not None
        # while it was read somebody came in, or the school chose what is kept of names
        if sync.digest is None or not is_settled(order.context_id, sync.synced_at):
            sync.state, sync.due_at, sync.digest = "waiting", utcnow(), None
            return
    else:
        sync.members = store_roster(
            context_id=order.context_id, registration_id=order.registration_id, members=roster.members
        )
    sync.state, sync.error, sync.attempts, sync.leased_until = "done", None, 0, None
    sync.synced_at, sync.digest = utcnow(), roster.digest
    log.info("roster stored", context=order.context_id, members=sync.members, unchanged=roster.unchanged)


def _failed(sync_id: int, order: _Order, error: ServiceError) -> None:
    sync = db.session.get_one(RosterSync, sync_id)
    sync.error, sync.leased_until = error.code, None
    log.info("roster not read", context=sync.context_id, code=error.code, status=error.status, attempts=sync.attempts)
    if not isinstance(error, Retry):
        sync.state = "failed"
        return
    wait = min(FIRST_WAIT * 2 ** (sync.attempts - 1), LONGEST_WAIT)
    if error.after is not None:
        wait = max(wait, timedelta(seconds=error.after))
    again_at = utcnow() + wait * random.uniform(1.0, 1.3)
    if sync.attempts < GIVE_UP_AFTER:
        sync.state, sync.due_at = "waiting", again_at
    else:
        sync.state = "failed"
    _hold_others(order.registration_id, again_at)


def _hold_others(registration_id: int, until: datetime) -> None:
    """What one roster met at a school, its others would meet as well: they wait with it."""
    contexts = select(Context.id).where(Context.registration_id == registration_id)
    waiting = (RosterSync.context_id.in_(contexts), RosterSync.state == "waiting", RosterSync.due_at < until)
    held = update(RosterSync).where(*waiting).values(due_at=until)
    execute(held.execution_options(synchronize_session=False))


def nudge_roster(context_id: int, *, force: bool = False) -> None:
    """Have a worker read the roster after this transaction, unless it is fresh."""
    sync_id = request_roster(context_id, force=force)
    if sync_id is not None:
        jobs.nudge(sync_roster, [sync_id])


@jobs.every(timedelta(minutes=10))
def refresh_used_rosters() -> None:
    """Ask for the rosters of contexts in use that have grown old: two statements, however many; the sweep does the
    rest. What failed is not asked for again before its time either."""
    now = utcnow()
    used = (
        select(Context.id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Context.last_launch_at > now - USED_LATELY, Context.memberships_url.is_not(None))
        .where(Registration.state == ACTIVE)
    )
    zero, at_once = literal(0), literal(now, UTCDateTime)
    new = used.outerjoin(RosterSync, RosterSync.context_id == Context.id).where(RosterSync.id.is_(None))
    columns = ("context_id", "state", "due_at", "attempts", "members")
    insert_absent(RosterSync, columns, new.add_columns(literal("waiting"), at_once, zero, zero))
    old = or_(RosterSync.synced_at.is_(None), RosterSync.synced_at < now - REFRESH_EVERY)
    rests = (RosterSync.state.in_(("done", "failed")), RosterSync.due_at < now - REFRESH_EVERY)
    again = update(RosterSync).where(RosterSync.context_id.in_(used), old, *rests)
    execute(again.values(state="waiting", due_at=now, attempts=0).execution_options(synchronize_session=False))
