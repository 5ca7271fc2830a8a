"""Verbs about grades on their way: record one for delivery, take note of a column, try again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from lti_tool.contexts.models import Context
from lti_tool.core import audit, jobs
from lti_tool.core.db import db, execute, insert_if_absent, run, table_of, utcnow
from lti_tool.grades.lanes import open_lanes
from lti_tool.grades.models import (
    DELIVERED,
    PARKED,
    REFUSED,
    SENDING,
    SUPERSEDED,
    WAITING,
    DeliveryLane,
    LineItem,
    Score,
)
from lti_tool.people.actor import Actor


def record_score(
    *,
    actor: Actor | None,
    context_id: int,
    resource_id: str,
    label: str,
    identity_id: int,
    given: float,
    maximum: float,
    comment: str,
    graded_at: datetime,
    agreed: bool = False,
) -> int:
    """Have a person's newest score delivered to the gradebook of a context; returns the Score's id.

    Part of the transaction that stores the grade: either both are there or neither. The same score again sends nothing.
    `agreed`: the school's column is to show values out of this maximum; else it keeps its own, and the LMS converts.
    """
    line_item_id, registration_id = _line_item(context_id, resource_id, label, maximum)
    if agreed:
        agree_on_maximum(line_item_id, maximum)
    values = {"given": given, "maximum": maximum, "comment": comment, "graded_at": graded_at}
    score = _score(line_item_id, identity_id)
    if score is None:
        now = utcnow()
        key = {"registration_id": registration_id, "line_item_id": line_item_id, "identity_id": identity_id}
        fresh = {"state": WAITING, "due_at": now, "attempts": 0, "version": 1, "created_at": now}
        insert_if_absent(Score, {**key, **fresh, **values})
        score = _score(line_item_id, identity_id)
        assert score is not None
    unchanged = (score.given, score.maximum, score.comment) == (given, maximum, comment)
    if not unchanged or score.state not in (WAITING, SENDING, DELIVERED):
        _renew(score, values)
        audit.record(actor, "score", "score", score.id, version=score.version)
    jobs.wake(Score, [registration_id])
    return score.id


class Given(NamedTuple):
    """What one person was given, out of a maximum that all share."""

    identity_id: int
    value: float
    comment: str
    graded_at: datetime


def record_scores(
    *,
    actor: Actor | None,
    context_id: int,
    resource_id: str,
    label: str,
    maximum: float,
    scores: Sequence[Given],
    agreed: bool = False,
    due_at: datetime | None = None,
) -> int:
    """record_score for many persons of one column: a few statements, whatever the number; how many are sent.

    `due_at`: they leave then, not at once, so that take_back can still have them.
    """
    line_item_id, registration_id = _line_item(context_id, resource_id, label, maximum)
    if agreed:
        agree_on_maximum(line_item_id, maximum)
    now = utcnow()
    due_at = due_at or now
    known = set(db.session.scalars(select(Score.identity_id).where(Score.line_item_id == line_item_id)))
    fresh = {"registration_id": registration_id, "line_item_id": line_item_id, "state": WAITING, "due_at": due_at}
    fresh |= {"attempts": 0, "version": 1, "created_at": now, "maximum": maximum}
    new = [{**fresh, "identity_id": one.identity_id, **_told(one)} for one in scores if one.identity_id not in known]
    old = [
        {
            "line_item": line_item_id,
            "identity": one.identity_id,
            "new_maximum": maximum,
            "now": due_at,
            **{f"new_{name}": value for name, value in _told(one).items()},
        }
        for one in scores
        if one.identity_id in known
    ]
    if new:
        run(insert(table_of(Score)), new)
    count = len(new)
    if old:
        count += sum(run(statement, old).rowcount for statement in (_GIVEN_ANEW_BEING_SENT, _GIVEN_ANEW))
    audit.record(actor, "score", "context", context_id, count=count)
    jobs.wake(Score, [registration_id])
    return count


def take_back(*, resource_id: str, identity_ids: Collection[int]) -> set[int]:
    """Forget first scores that wait for their time and were never sent; answers whose (identity ids) these were."""
    statement = (
        select(Score.id, Score.identity_id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(LineItem.resource_id == resource_id, Score.identity_id.in_(identity_ids))
        .where(Score.state == WAITING, Score.version == 1, Score.attempts == 0, Score.sent_timestamp.is_(None))
        .where(Score.due_at > utcnow())
    )
    rows = db.session.execute(statement.with_for_update(of=Score)).all()
    execute(delete(Score).where(Score.id.in_([row[0] for row in rows])).execution_options(synchronize_session=False))
    return {row[1] for row in rows}


def _told(one: Given) -> dict[str, Any]:
    return {"given": one.value, "comment": one.comment, "graded_at": one.graded_at}


def _renew(score: Score, values: dict[str, Any]) -> None:
    """A score that is being sent keeps its worker, who sees the new version and sends again."""
    for name, value in values.items():
        setattr(score, name, value)
    score.version += 1
    if score.state != SENDING:
        score.state, score.due_at, score.attempts, score.code, score.status = WAITING, utcnow(), 0, None, None
    db.session.flush()


def _score(line_item_id: int, identity_id: int) -> Score | None:
    statement = select(Score).where(Score.line_item_id == line_item_id, Score.identity_id == identity_id)
    return db.session.scalar(statement.with_for_update(of=Score).execution_options(populate_existing=True))


def _line_item(context_id: int, resource_id: str, label: str, maximum: float) -> tuple[int, int]:
    """(line item id, registration id); the first score of a registration gives it its lane."""
    key = {"context_id": context_id, "resource_id": resource_id}
    found = (
        select(LineItem.id, Context.registration_id)
        .join(Context, Context.id == LineItem.context_id)
        .where(LineItem.context_id == context_id, LineItem.resource_id == resource_id)
    )
    row = db.session.execute(found).first()
    if row is None:
        now = utcnow()
        rest = {"label": label[:255], "score_maximum": maximum, "created_by_us": False, "fit": "", "created_at": now}
        insert_if_absent(LineItem, {**key, **rest})
        row = db.session.execute(found).one()
    if db.session.scalar(select(DeliveryLane.id).where(DeliveryLane.id == row[1])) is None:
        insert_if_absent(
            DeliveryLane, {"id": row[1], "state": WAITING, "due_at": utcnow(), "attempts": 0, "failures": 0}
        )
    return row[0], row[1]


def agree_on_maximum(line_item_id: int, maximum: float) -> None:
    """Have the column given this maximum before the next score is sent there; nothing when that was said before."""
    other = or_(LineItem.agreed_maximum.is_(None), LineItem.agreed_maximum != maximum)
    statement = update(LineItem).where(LineItem.id == line_item_id, other).values(agreed_maximum=maximum, fit="")
    execute(statement.execution_options(synchronize_session=False))


class Rescaled(NamedTuple):
    """A score that is known already, in another scale."""

    resource_id: str
    identity_id: int
    given: float
    maximum: float


def rescale_scores(*, actor: Actor | None, context_id: int, scores: Sequence[Rescaled], agreed: bool = True) -> int:
    """Send scores of a context once more, with another value or in the scale that was agreed; returns how many differ.

    `agreed`: see record_score. What a teacher changed in the LMS later stays as it is there. A few statements, whatever the number.
    """
    statement = select(LineItem.resource_id, LineItem.id).where(LineItem.context_id == context_id)
    line_items = {row.resource_id: row.id for row in db.session.execute(statement)}
    columns = {(score.resource_id, score.maximum) for score in scores} if agreed else set()
    for resource_id, maximum in columns:
        agree_on_maximum(line_items[resource_id], maximum)
    now = utcnow()
    rows = [
        {
            "line_item": line_items[one.resource_id],
            "identity": one.identity_id,
            "new_given": one.given,
            "new_maximum": one.maximum,
            "now": now,
        }
        for one in scores
    ]
    if not rows:
        return 0
    count = sum(run(statement, rows).rowcount for statement in (_RENEW_BEING_SENT, _RENEW))
    audit.record(actor, "rescale", "context", context_id, count=count)
    lanes = select(Context.registration_id).where(Context.id == context_id)
    jobs.wake(Score, db.session.scalars(lanes).all())
    return count


_scores = table_of(Score)
_OTHERWISE = (
    update(_scores)
    .where(
        _scores.c.line_item_id == bindparam("line_item"),
        _scores.c.identity_id == bindparam("identity"),
        or_(_scores.c.given != bindparam("new_given"), _scores.c.maximum != bindparam("new_maximum")),
    )
    .values(given=bindparam("new_given"), maximum=bindparam("new_maximum"), version=_scores.c.version + 1)
)
_RENEW_BEING_SENT = _OTHERWISE.where(_scores.c.state == SENDING)
"""Its worker sees the new version and sends again."""
_RENEW = _OTHERWISE.where(_scores.c.state != SENDING, _scores.c.state != SUPERSEDED).values(
    state=WAITING, due_at=bindparam("now"), attempts=0, code=None, status=None
)


_GIVEN = (
    update(_scores)
    .where(
        _scores.c.line_item_id == bindparam("line_item"),
        _scores.c.identity_id == bindparam("identity"),
        or_(
            _scores.c.given != bindparam("new_given"),
            _scores.c.maximum != bindparam("new_maximum"),
            _scores.c.comment != bindparam("new_comment"),
            # one by one: a list cannot be sent along with many rows
            and_(*(_scores.c.state != state for state in (WAITING, SENDING, DELIVERED))),
        ),
    )
    .values({name: bindparam(f"new_{name}") for name in ("given", "maximum", "comment", "graded_at")})
    .values(version=_scores.c.version + 1)
)
_GIVEN_ANEW_BEING_SENT = _GIVEN.where(_scores.c.state == SENDING)
_GIVEN_ANEW = _GIVEN.where(_scores.c.state != SENDING).values(
    state=WAITING, due_at=bindparam("now"), attempts=0, code=None, status=None
)


def adopt_line_item(
    *, context_id: int, resource_id: str, url: str, label: str, resource_link_lms_id: str | None
) -> None:
    """Take note of the column a launched link brings; scores that had nowhere to go are sent now.

    One statement when nothing changes. The column known first stays: a second link's column would split the grades.
    """
    statement = select(LineItem.id, LineItem.url).filter_by(context_id=context_id, resource_id=resource_id)
    row = db.session.execute(statement).first()
    if row is not None and row.url is not None:
        return
    line_item_id = row.id if row is not None else _line_item(context_id, resource_id, label, 100.0)[0]
    taken = (
        update(LineItem)
        .where(LineItem.id == line_item_id, LineItem.url.is_(None))
        .values(url=url, resource_link_lms_id=resource_link_lms_id)
        .execution_options(synchronize_session=False)
    )
    execute(taken)
    parked = select(Score.id).where(Score.line_item_id == line_item_id, Score.state == PARKED)
    requeue(db.session.scalars(parked).all())


def retry_scores(*, actor: Actor | None, score_ids: Collection[int]) -> int:
    """Send refused, parked and waiting scores once more, now; returns how many.

    What a teacher changed in the LMS later is left alone. The caller has checked who may do this.
    """
    count = requeue(score_ids)
    if count:
        audit.record(actor, "retry", "score", None, count=count)
    return count


def requeue(score_ids: Collection[int]) -> int:
    """Make scores due now that wait for a person or for another attempt."""
    total = 0
    ids = list(score_ids)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        statement = (
            update(Score)
            .where(Score.id.in_(part), Score.state.in_((REFUSED, PARKED, WAITING)))
            .values(state=WAITING, due_at=utcnow(), attempts=0)
            .execution_options(synchronize_session=False)
        )
        total += execute(statement).rowcount
        open_lanes(part)
        lanes = select(Score.registration_id).where(Score.id.in_(part)).distinct()
        jobs.wake(Score, db.session.scalars(lanes).all())
    return total


_NOT_OF_THE_WAY = ("score_invalid", "suspended", "scope_missing", "no_column")
"""Reasons why a score is held that have nothing to do with where the LMS is."""


def resume(registration_id: int) -> None:
    """The LMS answers somewhere else now: its lane is open, and what was refused or waits is sent at once."""
    own = Score.registration_id == registration_id
    about_the_way = or_(Score.code.is_(None), Score.code.not_in(_NOT_OF_THE_WAY))
    held = update(Score).where(own, Score.state.in_((REFUSED, PARKED, WAITING)), about_the_way)
    anew = held.values(state=WAITING, due_at=utcnow(), attempts=0, code=None, status=None)
    execute(anew.execution_options(synchronize_session=False))
    lane = update(DeliveryLane).where(DeliveryLane.id == registration_id)
    opened = lane.values(failures=0, code=None, troubled_since=None, due_at=utcnow())
    execute(opened.execution_options(synchronize_session=False))
    jobs.wake(Score, [registration_id])
