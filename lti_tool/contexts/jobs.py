"""Background work on rosters: read one, and ask for those of contexts used lately."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import or_, select

from lti_tool.contexts.models import Context, RosterSync
from lti_tool.contexts.operations import request_roster, store_roster
from lti_tool.core import jobs
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.core.metrics import service_calls
from lti_tool.lti.services import Member, Retry, ServiceError
from lti_tool.platforms.access import KnownPlatform, names_and_roles, platform_of
from lti_tool.platforms.models import ACTIVE

REFRESH_EVERY = timedelta(hours=6)
"""Rosters of contexts in use are read again after this, without anybody asking."""
USED_LATELY = timedelta(days=14)
"""A context launched from within this time is in use."""
GIVE_UP_AFTER = 6
"""Attempts; then the next launch or a person's click begins anew."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """What is needed to read a roster after the transaction has ended."""

    context_id: int
    registration_id: int
    url: str
    platform: KnownPlatform


@jobs.task("contexts.sync_roster")
def sync_roster(sync_id: int) -> None:
    """Read one context's roster and store it; at any trouble the old one stays as it was."""
    with unit_of_work():
        order = _begin(sync_id)
    if order is None:
        return
    try:
        roster = names_and_roles(order.platform).members(order.url)
    except ServiceError as error:
        service_calls.labels("names_and_roles", error.code).inc()
        with unit_of_work():
            _failed(sync_id, error)
        return
    service_calls.labels("names_and_roles", "ok").inc()
    with unit_of_work():
        _store(sync_id, order, roster.members)


def _begin(sync_id: int) -> _Order | None:
    if not jobs.claim(RosterSync, sync_id):
        return None
    sync = db.session.get_one(RosterSync, sync_id)
    context = sync.context
    if context.memberships_url is None or context.registration.state != ACTIVE:
        sync.state, sync.error = "done", "not_offered"
        return None
    return _Order(context.id, context.registration_id, context.memberships_url, platform_of(context.registration))


def _store(sync_id: int, order: _Order, members: tuple[Member, ...]) -> None:
    count = store_roster(context_id=order.context_id, registration_id=order.registration_id, members=members)
    sync = db.session.get_one(RosterSync, sync_id)
    sync.state, sync.error, sync.attempts, sync.leased_until = "done", None, 0, None
    sync.synced_at, sync.members = utcnow(), count
    log.info("roster stored", context=order.context_id, members=count)


def _failed(sync_id: int, error: ServiceError) -> None:
    sync = db.session.get_one(RosterSync, sync_id)
    sync.error, sync.leased_until = error.code, None
    log.info("roster not read", context=sync.context_id, code=error.code, status=error.status, attempts=sync.attempts)
    if not isinstance(error, Retry) or sync.attempts >= GIVE_UP_AFTER:
        sync.state = "failed"
        return
    wait = min(FIRST_WAIT * 2 ** (sync.attempts - 1), LONGEST_WAIT)
    if error.after is not None:
        wait = max(wait, timedelta(seconds=error.after))
    sync.state, sync.due_at = "waiting", utcnow() + wait * random.uniform(0.8, 1.2)


def nudge_roster(context_id: int, *, force: bool = False) -> None:
    """Have a worker read the roster after this transaction, unless it is fresh."""
    sync_id = request_roster(context_id, force=force)
    if sync_id is not None:
        jobs.nudge(sync_roster, [sync_id])


@jobs.every(timedelta(minutes=10))
def refresh_used_rosters() -> None:
    """Ask for the rosters of contexts in use that have grown old."""
    now = utcnow()
    old = or_(RosterSync.synced_at.is_(None), RosterSync.synced_at < now - REFRESH_EVERY)
    statement = (
        select(Context.id)
        .outerjoin(RosterSync, RosterSync.context_id == Context.id)
        .where(Context.last_launch_at > now - USED_LATELY, Context.memberships_url.is_not(None), old)
        .limit(jobs.SWEEP_BATCH)
    )
    for context_id in db.session.scalars(statement).all():
        nudge_roster(context_id)
