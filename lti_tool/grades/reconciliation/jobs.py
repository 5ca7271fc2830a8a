"""Background work of reconciliation: read one line item's results and compare, and plan a comparison for every night."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update

from lti_tool.contexts.models import Context
from lti_tool.core import jobs
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.core.metrics import service_calls
from lti_tool.grades.models import LineItem
from lti_tool.grades.reconciliation.models import DONE, FAILED, WAITING, Comparison
from lti_tool.grades.reconciliation.operations import plan_comparisons, store_results
from lti_tool.grades.reconciliation.queries import has_delivered, in_flight
from lti_tool.lti.claims import SCOPE_RESULT
from lti_tool.lti.services import Refused, Result, Retry, ServiceError
from lti_tool.organizations.models import Organization
from lti_tool.platforms.access import KnownPlatform, grade_service, platform_of
from lti_tool.platforms.models import ACTIVE, Registration

NIGHT_BEGINS, NIGHT_LASTS = time(1), timedelta(hours=4)
"""When comparisons are made by themselves, in the organization's own time zone; each line item at a random minute."""
PLAN_EVERY = timedelta(minutes=20)
PLAN_AT_ONCE = 2000
"""Line items planned in one go; further ones have their turn the next time."""
USED_LATELY = timedelta(days=14)
"""Contexts launched from within this time are compared by night; others when somebody asks."""
AT_ONCE = 2
"""Comparisons of one registration under way at once: a school that hangs takes no more workers than this."""
STEP_BACK = timedelta(seconds=2)
"""How long a comparison waits when its registration has enough under way."""
GIVE_UP_AFTER = 6
"""Attempts; then the next night or a person's click begins anew."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """What is needed to read a line item's results after the transaction has ended."""

    comparison_id: int
    line_item_id: int
    platform: KnownPlatform
    scopes: tuple[str, ...]
    url: str = field(repr=False)
    read_at: datetime = field(default_factory=utcnow)
    """Scores delivered later than this say nothing about the answer."""


@jobs.task("grades.compare")
def compare_line_item(comparison_id: int) -> None:
    """Read one line item's results and store what differs; at any trouble what was known stays."""
    with unit_of_work():
        order = _begin(comparison_id)
    if order is None:
        return
    try:
        results = grade_service(order.platform, order.scopes).results(order.url)
    except ServiceError as error:
        service_calls.labels("assignment_and_grades", error.code).inc()
        with unit_of_work():
            _failed(order, error)
        return
    service_calls.labels("assignment_and_grades", "ok").inc()
    with unit_of_work():
        _store(order, results)


def _begin(comparison_id: int) -> _Order | None:
    """Claim the comparison and read what is needed; None when it is not due, has to step back, or cannot be done."""
    comparison = db.session.get(Comparison, comparison_id, populate_existing=True)
    if comparison is None:
        return None
    context = comparison.line_item.context
    if in_flight(context.registration_id) >= AT_ONCE:
        _step_back(comparison_id)
        return None
    if not jobs.claim(Comparison, comparison_id):
        return None
    db.session.refresh(comparison)
    url = comparison.line_item.url
    trouble = _hindrance(context, url)
    if trouble is not None or url is None:
        comparison.state, comparison.error, comparison.leased_until = FAILED, trouble, None
        return None
    return _Order(
        comparison_id=comparison_id,
        line_item_id=comparison.line_item_id,
        platform=platform_of(context.registration),
        scopes=tuple(context.ags_scopes),
        url=url,
    )


def _hindrance(context: Context, url: str | None) -> str | None:
    """The code of what makes a call pointless."""
    if context.registration.state != ACTIVE:
        return "suspended"
    if SCOPE_RESULT not in context.ags_scopes:
        return "not_offered"
    return "column_gone" if url is None else None


def _step_back(comparison_id: int) -> None:
    wait = STEP_BACK * random.uniform(0.5, 1.5)
    waiting = (Comparison.id == comparison_id) & (Comparison.state == WAITING)
    statement = update(Comparison).where(waiting).values(due_at=utcnow() + wait)
    execute(statement.execution_options(synchronize_session=False))


def _store(order: _Order, results: list[Result]) -> None:
    compared = store_results(line_item_id=order.line_item_id, results=results, read_at=order.read_at)
    comparison = db.session.get_one(Comparison, order.comparison_id)
    comparison.state, comparison.error, comparison.attempts, comparison.leased_until = DONE, None, 0, None
    comparison.checked_at, comparison.compared = utcnow(), compared
    log.info("gradebook compared", line_item=order.line_item_id, compared=compared)


def _failed(order: _Order, error: ServiceError) -> None:
    comparison = db.session.get_one(Comparison, order.comparison_id)
    told = {"line_item": order.line_item_id, "code": error.code, "status": error.status}
    log.info("gradebook not compared", attempts=comparison.attempts, **told)
    if isinstance(error, Refused) and error.status == 404:
        _column_is_gone(order)
        return
    comparison.error, comparison.leased_until = error.code, None
    if not isinstance(error, Retry) or comparison.attempts >= GIVE_UP_AFTER:
        comparison.state = FAILED
        return
    comparison.state, comparison.due_at = WAITING, utcnow() + _pause(comparison.attempts, error)


def _pause(attempts: int, error: Retry) -> timedelta:
    """Doubles with each attempt, with jitter; never shorter than the platform asked for."""
    wait = min(FIRST_WAIT * float(2 ** (attempts - 1)), LONGEST_WAIT) * random.uniform(0.8, 1.2)
    return wait if error.after is None else max(wait, timedelta(seconds=error.after))


def _column_is_gone(order: _Order) -> None:
    """The column was deleted with all its grades: none of ours is there. Sending them again finds or makes a column."""
    _store(order, [])
    comparison = db.session.get_one(Comparison, order.comparison_id)
    comparison.state, comparison.error = FAILED, "column_gone"
    gone = update(LineItem).where(LineItem.id == order.line_item_id, LineItem.url == order.url)
    execute(gone.values(url=None).execution_options(synchronize_session=False))


@jobs.every(PLAN_EVERY)
def plan_nightly_comparisons() -> None:
    """Give every line item with delivered scores a random minute of the coming night, unless it has one."""
    now = utcnow()
    ended = Comparison.state.in_((DONE, FAILED)) | Comparison.id.is_(None)
    statement = (
        select(LineItem.id, Organization.time_zone)
        .join(Context, Context.id == LineItem.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .join(Organization, Organization.id == Registration.organization_id)
        .outerjoin(Comparison, Comparison.line_item_id == LineItem.id)
        .where(
            LineItem.url.is_not(None),
            Context.last_launch_at > now - USED_LATELY,
            Registration.state == ACTIVE,
            ended,
            has_delivered(),
        )
        .order_by(LineItem.id)
        .limit(PLAN_AT_ONCE)
    )
    plan_comparisons({row[0]: next_night(now, row[1]) for row in db.session.execute(statement)})


def next_night(now: datetime, time_zone: str) -> datetime:
    """A random minute of the next night that has not begun, in UTC."""
    zone = ZoneInfo(time_zone)
    day = now.astimezone(zone).date()
    begins = datetime.combine(day, NIGHT_BEGINS, zone)
    if begins <= now:
        begins = datetime.combine(day + timedelta(days=1), NIGHT_BEGINS, zone)
    return begins.astimezone(UTC) + timedelta(minutes=random.randrange(int(NIGHT_LASTS.total_seconds()) // 60))
