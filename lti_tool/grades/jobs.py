"""Delivery of scores: each takes its own way through the outbox, and a slow school holds up nobody else."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, or_, select, update

from lti_tool.contexts.models import Context
from lti_tool.core import jobs
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.core.metrics import service_calls
from lti_tool.grades.models import DELIVERED, PARKED, REFUSED, SENDING, SUPERSEDED, WAITING, LineItem, Score
from lti_tool.grades.operations import requeue
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_SCORE
from lti_tool.lti.services import (
    AssignmentAndGrades,
    LineItemSpec,
    Refused,
    Retry,
    ServiceError,
    Superseded,
    TokenRefused,
)
from lti_tool.lti.services import Score as ScoreForm
from lti_tool.platforms.access import KnownPlatform, grade_service, platform_of
from lti_tool.platforms.models import ACTIVE, Registration

IN_FLIGHT = 4
"""Scores of one registration that are being sent at once: a school that hangs takes no more workers than this."""
IN_A_ROW = 25
"""Scores of one registration a worker sends before others get their turn."""
STEP_BACK = timedelta(seconds=2)
"""How long a score waits when its registration has enough in flight."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
TOKEN_WAIT = timedelta(minutes=1)
"""First wait when the platform gives no token: that takes somebody's hand."""
KEEPS_FAILING = 6
"""Attempts after which the teacher is told that it is not a matter of seconds."""
COLUMN_LOCK = timedelta(seconds=40)
"""Longer than finding and making a column takes."""

log = structlog.get_logger(__name__)


class _Parked(Exception):
    """Nowhere to put the score for now; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _ColumnBusy(Exception):
    """Another worker is making the column."""


@dataclass(frozen=True)
class _Order:
    """One score to deliver, as values that outlive the transaction."""

    score_id: int
    version: int
    attempts: int
    platform: KnownPlatform
    scopes: tuple[str, ...]
    lineitems_url: str | None
    line_item_id: int
    resource_id: str
    label: str
    score_maximum: float
    resource_link_lms_id: str | None
    url: str | None = field(repr=False)
    sub: str = field(repr=False)
    given: float = 0.0
    maximum: float = 0.0
    comment: str = field(default="", repr=False)
    timestamp: datetime = field(default_factory=utcnow)
    """To be sent; stored before the first byte goes out."""


@jobs.task("grades.deliver_score")
def deliver_score(score_id: int) -> None:
    """Send one score, then others of the same registration, until none is due or others should have their turn."""
    registration_id = _deliver(score_id)
    for _turn in range(IN_A_ROW):
        due = _due_of(registration_id)
        if not due:
            return
        registration_id = _deliver(random.choice(due))  # other workers choose too: a lost race ends this one's row
    with unit_of_work():
        jobs.wake(Score, _due_of(registration_id)[:1])


def _due_of(registration_id: int | None) -> list[int]:
    """Some scores of a registration that may be sent now; those that only stepped back are among them."""
    if registration_id is None:
        return []
    statement = (
        select(Score.id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .where(
            Context.registration_id == registration_id,
            Score.state == WAITING,
            or_(Score.due_at <= utcnow(), Score.attempts == 0),
        )
        .order_by(Score.due_at, Score.id)
        .limit(20)
    )
    with unit_of_work():
        return list(db.session.scalars(statement))


def _deliver(score_id: int) -> int | None:
    """Send one score; its registration when it makes sense to go on with that one, else None."""
    with unit_of_work():
        order = _begin(score_id)
    if order is None:
        return None
    try:
        _send(order)
    except _ColumnBusy:
        outcome: dict[str, Any] = {"state": WAITING, "due_at": utcnow() + STEP_BACK, "attempts": order.attempts - 1}
    except _Parked as parked:
        outcome = {"state": PARKED, "code": parked.code, "status": None}
    except ServiceError as error:
        outcome = _after(order, error)
    else:
        outcome = {"state": DELIVERED, "code": None, "status": None, "delivered_at": utcnow(), "attempts": 0}
    with unit_of_work():
        _finish(order, outcome)
    state, code = outcome["state"], outcome.get("code")
    service_calls.labels("assignment_and_grades", code or state).inc()
    log.info("score handled", score=score_id, state=state, code=code, status=outcome.get("status"))
    return None if state == WAITING else order.platform.id


def _begin(score_id: int) -> _Order | None:
    """Claim the score and read what is needed; None when it is not due, another has it, or it has to step back."""
    score = db.session.get(Score, score_id, populate_existing=True)
    if score is None:
        return None
    context = score.line_item.context
    if _in_flight(context.registration_id) >= IN_FLIGHT:
        _step_back(score_id)
        return None
    if not jobs.claim(Score, score_id):
        return None
    db.session.refresh(score)
    registration = context.registration
    if registration.state != ACTIVE:
        score.state, score.code, score.status = PARKED, "suspended", None
        return None
    score.sent_timestamp = _timestamp(score)
    return _order(score, context, registration)


def _order(score: Score, context: Context, registration: Registration) -> _Order:
    item = score.line_item
    assert score.sent_timestamp is not None
    return _Order(
        score_id=score.id,
        version=score.version,
        attempts=score.attempts,
        platform=platform_of(registration),
        scopes=tuple(context.ags_scopes),
        lineitems_url=context.lineitems_url,
        line_item_id=item.id,
        resource_id=item.resource_id,
        label=item.label,
        score_maximum=score.maximum,
        resource_link_lms_id=item.resource_link_lms_id,
        url=item.url,
        sub=score.identity.sub,
        given=score.given,
        maximum=score.maximum,
        comment=score.comment,
        timestamp=score.sent_timestamp,
    )


def _timestamp(score: Score) -> datetime:
    """When the grade was given, so that a teacher's later edit in the LMS wins; a whole second after the one sent last.

    Moodle compares whole seconds and refuses an equal one.
    """
    given = score.graded_at.replace(microsecond=0)
    if score.sent_timestamp is None:
        return given
    return max(given, score.sent_timestamp + timedelta(seconds=1))


def _in_flight(registration_id: int) -> int:
    statement = (
        select(func.count())
        .select_from(Score)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .where(Score.state == SENDING, Score.leased_until >= utcnow(), Context.registration_id == registration_id)
    )
    return db.session.scalar(statement) or 0


def _step_back(score_id: int) -> None:
    wait = STEP_BACK * random.uniform(0.5, 1.5)
    statement = update(Score).where(Score.id == score_id, Score.state == WAITING).values(due_at=utcnow() + wait)
    execute(statement.execution_options(synchronize_session=False))


def _send(order: _Order) -> None:
    """Outside any transaction. Raises ServiceError, _Parked, _ColumnBusy."""
    if SCOPE_SCORE not in order.scopes:
        raise _Parked("scope_missing")
    service = grade_service(order.platform, order.scopes)
    url = order.url or _column(order, service)
    form = ScoreForm(order.sub, order.given, order.maximum, order.timestamp, order.comment)
    service.post_score(url, form)


def _column(order: _Order, service: AssignmentAndGrades) -> str:
    """The column's address: found in the LMS, else made there; by one worker at a time."""
    if order.lineitems_url is None:
        raise _Parked("no_column")
    with unit_of_work():
        known = _lock_column(order.line_item_id)
    if known is not None:
        return known
    url, made = None, False
    try:
        url, made = _find_or_make(order, order.lineitems_url, service)
    finally:
        with unit_of_work():
            values: dict[str, Any] = {"lock_until": None}
            if url is not None:
                values |= {"url": url, "created_by_us": made}
            _change_column(order.line_item_id, **values)
    return url


def _lock_column(line_item_id: int) -> str | None:
    """The address when somebody has found it meanwhile; else the right to look for it. Raises _ColumnBusy."""
    now = utcnow()
    free = or_(LineItem.lock_until.is_(None), LineItem.lock_until < now)
    statement = update(LineItem).where(LineItem.id == line_item_id, LineItem.url.is_(None), free)
    taken = execute(
        statement.values(lock_until=now + COLUMN_LOCK).execution_options(synchronize_session=False)
    ).rowcount
    if taken:
        return None
    known = db.session.scalar(select(LineItem.url).where(LineItem.id == line_item_id))
    if known is None:
        raise _ColumnBusy
    return known


def _find_or_make(order: _Order, lineitems_url: str, service: AssignmentAndGrades) -> tuple[str, bool]:
    if order.resource_link_lms_id is not None:
        found = service.find(lineitems_url, resource_id=order.resource_id, resource_link_id=order.resource_link_lms_id)
        if found:
            return found[0].url, False
    found = service.find(lineitems_url, resource_id=order.resource_id)
    if found:
        return found[0].url, False
    if SCOPE_LINE_ITEM not in order.scopes:
        raise _Parked("no_column")
    spec = LineItemSpec(label=order.label, score_maximum=order.score_maximum, resource_id=order.resource_id)
    return service.create(lineitems_url, spec).url, True


def _change_column(line_item_id: int, **values: Any) -> None:
    statement = update(LineItem).where(LineItem.id == line_item_id).values(**values)
    execute(statement.execution_options(synchronize_session=False))


def _after(order: _Order, error: ServiceError) -> dict[str, Any]:
    """What an unhappy answer means for the score."""
    told = {"code": error.code, "status": error.status}
    if isinstance(error, Superseded):
        return {"state": SUPERSEDED, **told}
    if isinstance(error, Refused) and error.status == 404 and order.url is not None:
        with unit_of_work():
            _change_column(order.line_item_id, url=None)
        return {"state": PARKED, "code": "column_gone", "status": 404}
    if isinstance(error, Refused):
        return {"state": REFUSED, **told}
    if order.attempts >= KEEPS_FAILING:
        told["code"] = "keeps_failing"
    return {"state": WAITING, "due_at": utcnow() + _pause(order.attempts, error), **told}


def _pause(attempts: int, error: ServiceError) -> timedelta:
    """Doubles with each attempt, with jitter; never shorter than the platform asked for."""
    first = TOKEN_WAIT if isinstance(error, TokenRefused) else FIRST_WAIT
    wait = min(first * float(2 ** min(attempts - 1, 12)), LONGEST_WAIT) * random.uniform(0.8, 1.2)
    asked = error.after if isinstance(error, Retry) else None
    return max(wait, timedelta(seconds=asked)) if asked is not None else wait


def _finish(order: _Order, outcome: dict[str, Any]) -> None:
    """Note the answer, unless a newer score came meanwhile: that one is sent at once."""
    own = (Score.id == order.score_id) & (Score.state == SENDING)
    values = {"leased_until": None, "leased_by": None, **outcome}
    noted = update(Score).where(own, Score.version == order.version).values(**values)
    if execute(noted.execution_options(synchronize_session=False)).rowcount == 1:
        return
    again = {"state": WAITING, "due_at": utcnow(), "attempts": 0, "leased_until": None, "leased_by": None}
    execute(update(Score).where(own).values(**again).execution_options(synchronize_session=False))
    jobs.wake(Score, [order.score_id])


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
