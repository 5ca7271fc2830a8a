"""Reads about comparisons and differences. Callers name the things and contexts they may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db, utcnow
from lti_tool.core.paging import Page, paged
from lti_tool.grades.models import DELIVERED, SUPERSEDED, LineItem, Score
from lti_tool.grades.reconciliation.findings import Ours
from lti_tool.grades.reconciliation.models import OPEN, RUNNING, WAITING, Comparison, Difference
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration

SOON = timedelta(seconds=30)
"""A comparison due within this counts as under way; a later one waits for the night."""


@dataclass(frozen=True)
class Scope:
    """Which line items somebody may see: these things, in these contexts."""

    resource_ids: tuple[str, ...]
    context_ids: tuple[int, ...]

    def matches(self) -> ColumnElement[bool]:
        """SQL, for statements with LineItem."""
        return LineItem.resource_id.in_(self.resource_ids) & LineItem.context_id.in_(self.context_ids)


@dataclass(frozen=True)
class ColumnState:
    """How one line item's comparison stands."""

    line_item_id: int
    context_id: int
    state: str | None
    due_at: datetime | None
    checked_at: datetime | None
    error: str | None
    open: int
    """Differences nobody has decided about."""

    @property
    def running(self) -> bool:
        if self.state == WAITING and self.due_at is not None:
            return self.due_at <= utcnow() + SOON
        return self.state == RUNNING


def has_delivered() -> ColumnElement[bool]:
    """SQL: a line item to which a score of ours was delivered."""
    return select(Score.id).where(Score.line_item_id == LineItem.id, Score.state.in_((DELIVERED, SUPERSEDED))).exists()


def column_states(scope: Scope) -> list[ColumnState]:
    """Every line item in scope with delivered scores; one statement."""
    return _column_states(select(LineItem.id).where(scope.matches(), has_delivered()))


def _column_states(line_items: Select[tuple[int]]) -> list[ColumnState]:
    statement = (
        select(
            LineItem.id,
            LineItem.context_id,
            Comparison.state,
            Comparison.due_at,
            Comparison.checked_at,
            Comparison.error,
            _open_count(),
        )
        .outerjoin(Comparison, Comparison.line_item_id == LineItem.id)
        .where(LineItem.id.in_(line_items))
        .order_by(LineItem.id)
    )
    return [ColumnState(*row) for row in db.session.execute(statement)]


def _open_count() -> Any:
    counted = select(func.count()).where(Difference.line_item_id == LineItem.id, Difference.decision == OPEN)
    return counted.correlate(LineItem).scalar_subquery()


def differences(scope: Scope, *, decided: bool, number: int, address: Callable[[int], str]) -> Page[Difference]:
    """A page of differences by school, thing and person: those that wait for a choice, or those that have one."""
    statement = (
        select(Difference)
        .join(LineItem, LineItem.id == Difference.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .join(Organization, Organization.id == Registration.organization_id)
        .outerjoin(Identity, Identity.id == Difference.identity_id)
        .where(scope.matches(), _decided(decided))
        .options(joinedload(Difference.identity))
        .order_by(
            Organization.name,
            Context.id,
            LineItem.label,
            LineItem.id,
            func.lower(Identity.family_name),
            func.lower(Identity.given_name),
            Difference.id,
        )
    )
    return paged(statement, number, address)


def open_differences(scope: Scope, wanted: int | None = None) -> list[int]:
    """Ids of the differences in scope that wait for a choice; only this one when named."""
    statement = select(Difference.id).join(LineItem, LineItem.id == Difference.line_item_id)
    statement = statement.where(scope.matches(), _decided(False))
    if wanted is not None:
        statement = statement.where(Difference.id == wanted)
    return list(db.session.scalars(statement.order_by(Difference.id)))


def _decided(decided: bool) -> ColumnElement[bool]:
    return Difference.decision != OPEN if decided else Difference.decision == OPEN


def counts_by_resource(scope: Scope) -> dict[str, int]:
    """How many differences of each thing wait for a choice."""
    statement = (
        select(LineItem.resource_id, func.count())
        .join(Difference, Difference.line_item_id == LineItem.id)
        .where(scope.matches(), _decided(False))
        .group_by(LineItem.resource_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def our_scores(line_item_id: int) -> dict[str, Ours]:
    """Our scores for a line item by the LMS's user id; one statement."""
    context_id = select(LineItem.context_id).where(LineItem.id == line_item_id).scalar_subquery()
    belongs = (Membership.identity_id == Score.identity_id) & (Membership.context_id == context_id)
    statement = (
        select(
            Identity.sub,
            Score.identity_id,
            Score.given,
            Score.maximum,
            Score.state,
            Score.delivered_at,
            func.coalesce(Membership.status, "active") == "active",
        )
        .join(Identity, Identity.id == Score.identity_id)
        .outerjoin(Membership, belongs)
        .where(Score.line_item_id == line_item_id)
    )
    return {row[0]: Ours(*row[1:]) for row in db.session.execute(statement)}


def people_of(context_id: int) -> dict[str, int]:
    """Identity ids of everybody ever seen in a context, by the LMS's user id."""
    statement = (
        select(Identity.sub, Identity.id)
        .join(Membership, Membership.identity_id == Identity.id)
        .where(Membership.context_id == context_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


@dataclass(frozen=True)
class ReportRow:
    """A line item in the report about a whole school."""

    line_item: LineItem
    delivered: int
    state: ColumnState


def school_report(
    registration_id: int, number: int, address: Callable[[int], str]
) -> tuple[Page[LineItem], list[ReportRow]]:
    """A page of the line items of one registration with delivered scores, and a ReportRow for each."""
    statement = (
        select(LineItem)
        .join(Context, Context.id == LineItem.context_id)
        .where(Context.registration_id == registration_id, has_delivered())
        .order_by(Context.title, Context.id, LineItem.label, LineItem.id)
    )
    page = paged(statement, number, address)
    ids = [item.id for item in page.items]
    states = {state.line_item_id: state for state in _column_states(select(LineItem.id).where(LineItem.id.in_(ids)))}
    counts = _delivered(ids)
    return page, [ReportRow(item, counts.get(item.id, 0), states[item.id]) for item in page.items]


def _delivered(line_item_ids: Collection[int]) -> dict[int, int]:
    statement = (
        select(Score.line_item_id, func.count())
        .where(Score.line_item_id.in_(line_item_ids), Score.state.in_((DELIVERED, SUPERSEDED)))
        .group_by(Score.line_item_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def comparable(context_id: int | None = None) -> Sequence[int]:
    """Ids of all line items with delivered scores, of one context only when named."""
    statement = select(LineItem.id).where(has_delivered()).order_by(LineItem.id)
    if context_id is not None:
        statement = statement.where(LineItem.context_id == context_id)
    return db.session.scalars(statement).all()


@dataclass(frozen=True)
class Outcome:
    """A line item's comparison for the command line."""

    line_item: int
    context: int
    label: str
    compared: int
    changed: int
    missing: int
    unknown: int
    open: int
    error: str | None


def outcome(comparison_id: int) -> Outcome:
    """How one comparison ended, with all its differences by kind."""
    comparison = db.session.get_one(Comparison, comparison_id, populate_existing=True)
    item = comparison.line_item
    statement = select(Difference.kind, Difference.decision, func.count()).where(Difference.line_item_id == item.id)
    rows = db.session.execute(statement.group_by(Difference.kind, Difference.decision)).all()
    kinds = {kind: sum(row[2] for row in rows if row[0] == kind) for kind in ("changed", "missing", "unknown")}
    waiting = sum(row[2] for row in rows if row[1] == OPEN)
    return Outcome(
        item.id, item.context_id, item.label, comparison.compared, **kinds, open=waiting, error=comparison.error
    )


def in_flight(registration_id: int) -> int:
    """How many comparisons of one registration are being read now."""
    statement = (
        select(func.count())
        .select_from(Comparison)
        .join(LineItem, LineItem.id == Comparison.line_item_id)
        .join(Context, Context.id == LineItem.context_id)
        .where(
            Comparison.state == RUNNING, Comparison.leased_until >= utcnow(), Context.registration_id == registration_id
        )
    )
    return db.session.scalar(statement) or 0
