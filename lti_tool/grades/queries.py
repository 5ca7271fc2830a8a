"""Reads about grades on their way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import lazyload

from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.grades.models import CLOSES_AFTER, KEPT, PARKED, REFUSED, SENDING, WAITING, DeliveryLane, LineItem, Score
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration


@dataclass(frozen=True)
class Delivery:
    """How far one score has come, for a cell of a gradebook."""

    score_id: int
    state: str
    """One of grades.models.STATES."""
    code: str | None
    """See wording.explain_delivery."""
    attempts: int
    due_at: datetime
    delivered_at: datetime | None

    @property
    def failed(self) -> bool:
        """It waits for a person."""
        return self.state in (REFUSED, PARKED)


CellKey = tuple[int, str, int]
"""(context id, resource id, identity id)"""


def deliveries(resource_ids: Collection[str], identity_ids: Collection[int]) -> dict[CellKey, Delivery]:
    """The deliveries of these people's scores for these graded things; one statement."""
    if not resource_ids or not identity_ids:
        return {}
    statement = (
        select(LineItem.context_id, LineItem.resource_id, Score.identity_id, *_DELIVERY)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .outerjoin(DeliveryLane, DeliveryLane.id == Score.registration_id)
        .where(LineItem.resource_id.in_(resource_ids), Score.identity_id.in_(identity_ids))
    )
    return {(row[0], row[1], row[2]): Delivery(*row[3:]) for row in db.session.execute(statement)}


_behind = and_(Score.state == WAITING, Score.code.is_(None), DeliveryLane.failures >= CLOSES_AFTER)
_CODE = case((_behind, "lane_closed"), else_=Score.code)
_DELIVERY = (Score.id, Score.state, _CODE, Score.attempts, Score.due_at, Score.delivered_at)


def failed_scores(resource_ids: Collection[str], context_ids: Collection[int] | None = None) -> list[int]:
    """Ids of the scores for these things that wait for a person, of some contexts only when named."""
    statement = (
        select(Score.id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(LineItem.resource_id.in_(resource_ids), Score.state.in_((REFUSED, PARKED)))
    )
    if context_ids is not None:
        statement = statement.where(LineItem.context_id.in_(context_ids))
    return list(db.session.scalars(statement.order_by(Score.id)))


def people_with_scores(resource_ids: Collection[str], states: Collection[str]) -> Select[tuple[int]]:
    """SQL: identity ids of whoever has a score for one of these things in one of these states."""
    return (
        select(Score.identity_id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(LineItem.resource_id.in_(resource_ids), Score.state.in_(states))
    )


@dataclass(frozen=True)
class OnTheWay:
    """How many scores of an activity or a class have not arrived."""

    waiting: int = 0
    """They go on by themselves."""
    failed: int = 0
    """They wait for a person."""

    def __add__(self, other: OnTheWay) -> OnTheWay:
        return OnTheWay(self.waiting + other.waiting, self.failed + other.failed)


def on_the_way(
    resource_ids: Collection[str], context_ids: Collection[int] | None = None
) -> dict[tuple[int, str], OnTheWay]:
    """By (context id, resource id) what has not arrived, of some contexts only when named; one statement."""
    failed = Score.state.in_((REFUSED, PARKED))
    statement = (
        select(LineItem.context_id, LineItem.resource_id, func.count().filter(~failed), func.count().filter(failed))
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(LineItem.resource_id.in_(resource_ids), Score.state.in_((WAITING, SENDING, REFUSED, PARKED)))
        .where(Score.registration_id.in_(_lanes_of(resource_ids)))
        .group_by(LineItem.context_id, LineItem.resource_id)
    )
    if context_ids is not None:
        statement = statement.where(LineItem.context_id.in_(context_ids))
    return {(row[0], row[1]): OnTheWay(row[2], row[3]) for row in db.session.execute(statement)}


def _lanes_of(resource_ids: Collection[str]) -> Select[tuple[int]]:
    """SQL: the registrations where these things have columns: the few open scores are found by their index."""
    places = select(LineItem.context_id).where(LineItem.resource_id.in_(resource_ids))
    return select(Context.registration_id).where(Context.id.in_(places))


def counts_by_state() -> Sequence[tuple[int, str, int]]:
    """(registration id, state, how many) of all scores."""
    statement = (
        select(Context.registration_id, Score.state, func.count())
        .select_from(Score)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .group_by(Context.registration_id, Score.state)
        .order_by(Context.registration_id, Score.state)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


@dataclass(frozen=True)
class ScoreRow:
    """A score for the command line."""

    id: int
    registration: int
    context: int
    line_item: int
    label: str
    sub: str
    state: str
    given: float
    maximum: float
    attempts: int
    due: datetime
    answer: str | None
    status: int | None


def score_rows() -> list[ScoreRow]:
    """Every score by line item and person; one statement."""
    statement = (
        select(
            Score.id,
            Context.registration_id,
            Context.id,
            LineItem.id,
            LineItem.label,
            Identity.sub,
            Score.state,
            Score.given,
            Score.maximum,
            Score.attempts,
            Score.due_at,
            Score.code,
            Score.status,
        )
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .join(Identity, Identity.id == Score.identity_id)
        .order_by(LineItem.id, Identity.id)
    )
    return [ScoreRow(*row) for row in db.session.execute(statement)]


@dataclass(frozen=True)
class LaneState:
    """How a registration's grades get on; counts only."""

    registration_id: int
    name: str
    waiting: int
    held: int
    """Refused or on hold: they wait for a person."""
    closed_since: datetime | None
    """The LMS has not answered since then, and is tried now and then; None while it answers."""
    code: str | None
    opens_at: datetime


def lane_states(registration_id: int | None = None, *, troubled: bool = False, limit: int = 25) -> list[LaneState]:
    """Lanes with what waits in them; only those of one registration, or those somebody should know of. One statement.

    Who may see them is the caller's business: operators all, a school's administrators their own.
    """
    held = func.count(Score.id).filter(Score.state.in_((REFUSED, PARKED)))
    waiting = func.count(Score.id).filter(Score.state.in_((WAITING, SENDING)))
    open_ = Score.state.in_((REFUSED, PARKED, WAITING, SENDING))
    statement = (
        select(DeliveryLane, Registration, waiting, held)
        .join(Registration, Registration.id == DeliveryLane.id)
        .outerjoin(Score, and_(Score.registration_id == DeliveryLane.id, open_))
        .group_by(DeliveryLane.id, Registration.id)
        .order_by(DeliveryLane.failures.desc(), held.desc(), DeliveryLane.id)
        .limit(limit)
        .options(lazyload("*"))
    )
    if registration_id is not None:
        statement = statement.where(DeliveryLane.id == registration_id)
    if troubled:
        statement = statement.having(or_(held > 0, DeliveryLane.failures >= CLOSES_AFTER))
    return [_lane_state(*row) for row in db.session.execute(statement)]


def _lane_state(lane: DeliveryLane, registration: Registration, waiting: int, held: int) -> LaneState:
    closed = lane.troubled_since if lane.is_closed else None
    return LaneState(lane.id, registration.display_name, waiting, held, closed, lane.code, lane.due_at)


@dataclass(frozen=True)
class OpenScores:
    """Scores of one column that have not arrived, for one reason."""

    context: str
    label: str
    state: str
    code: str | None
    status: int | None
    count: int
    oldest: datetime
    """When the first of these grades was given."""


MOST_REASONS = 200
"""Rows of a report: more would not be read."""


def open_scores(registration_id: int) -> list[OpenScores]:
    """What has not arrived in a registration's gradebooks, by column and reason; no person is named. One statement."""
    statement = (
        select(Context.title, LineItem.label, Score.state, _CODE, Score.status, func.count(), func.min(Score.graded_at))
        .select_from(Score)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .join(DeliveryLane, DeliveryLane.id == Score.registration_id)
        .where(
            Score.registration_id == registration_id,
            Score.state.in_((WAITING, SENDING, REFUSED, PARKED)),
        )
        .group_by(Context.id, LineItem.id, Score.state, _CODE, Score.status)
        .order_by(Score.state, func.min(Score.graded_at))
        .limit(MOST_REASONS)
    )
    return [OpenScores(*row) for row in db.session.execute(statement)]


def held_scores(registration_id: int) -> list[int]:
    """Ids of a registration's scores that wait for a person."""
    held = Score.state.in_((REFUSED, PARKED))
    return list(db.session.scalars(select(Score.id).where(Score.registration_id == registration_id, held)))


def kept_columns(context_id: int, resource_ids: Collection[str]) -> list[tuple[str, float]]:
    """(label, agreed maximum) of columns whose own maximum the LMS kept."""
    statement = select(LineItem.label, LineItem.agreed_maximum).where(
        LineItem.context_id == context_id, LineItem.resource_id.in_(resource_ids), LineItem.fit == KEPT
    )
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(LineItem.label))]


def arrivals_seen(registration_id: int) -> dict[str, datetime | None]:
    """When a grade last arrived in a gradebook of this registration: evidence that the service works."""
    newest = select(func.max(Score.delivered_at)).where(Score.registration_id == registration_id)
    return {"delivered_at": db.session.scalar(newest)}


def of_registration(registration_id: int) -> ColumnElement[bool]:
    """The line items of one registration."""
    return LineItem.context_id.in_(select(Context.id).where(Context.registration_id == registration_id))
