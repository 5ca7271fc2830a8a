"""The list of organizations: which are wanted, in which order, and what stands beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.db import db
from lti_tool.organizations.models import Organization
from lti_tool.organizations.queries import found_by
from lti_tool.people.models import CONFIRMED, Coordinator
from lti_tool.platforms.models import Registration

WORKING, ARCHIVED = "working", "archived"
WITH_LMS, WITHOUT_LMS = "with", "without"
SORTS = ("name", "newest", "launched", "quiet")


@dataclass(frozen=True)
class Wanted:
    """Which organizations a page shows; empty: all of them."""

    search: str = ""
    type: str = ""
    department: str = ""
    city: str = ""
    lms: str = ""
    """WITH_LMS or WITHOUT_LMS."""
    state: str = WORKING
    """WORKING or ARCHIVED."""
    sort: str = "name"
    """One of SORTS."""


@dataclass(frozen=True)
class Counts:
    """What stands beside an organization."""

    registrations: int
    coordinators: int
    last_launch_at: datetime | None


def organizations(wanted: Wanted) -> Select[tuple[Organization]]:
    """The organizations that are wanted, in the order that is wanted; to be shown in pages."""
    archived = Organization.archived_at.is_not(None)
    statement = select(Organization).where(archived if wanted.state == ARCHIVED else ~archived)
    if wanted.search.strip():
        statement = statement.where(found_by(wanted.search))
    for column, value in (
        (Organization.type, wanted.type),
        (Organization.department, wanted.department),
        (Organization.city, wanted.city),
    ):
        if value:
            statement = statement.where(column == value)
    if wanted.lms:
        registered = exists().where(Registration.organization_id == Organization.id)
        statement = statement.where(registered if wanted.lms == WITH_LMS else ~registered)
    return statement.order_by(*_order(wanted.sort), Organization.name, Organization.id)


def _order(sort: str) -> list[ColumnElement[Any]]:
    launched = (
        select(func.max(Registration.last_launch_at))
        .where(Registration.organization_id == Organization.id)
        .correlate(Organization)
        .scalar_subquery()
    )
    orders: dict[str, list[ColumnElement[Any]]] = {
        "newest": [Organization.id.desc()],
        "launched": [launched.desc().nulls_last()],
        "quiet": [launched.asc().nulls_first()],
    }
    return orders.get(sort, [])


def counts_of(shown: Sequence[Organization]) -> dict[int, Counts]:
    """What stands beside each; one statement."""
    mine = Registration.organization_id == Organization.id
    confirmed = (Coordinator.organization_id == Organization.id) & (Coordinator.state == CONFIRMED)
    parts: list[Select[Any]] = [
        select(func.count(Registration.id)).where(mine),
        select(func.count(Coordinator.id)).where(confirmed),
        select(func.max(Registration.last_launch_at)).where(mine),
    ]
    statement = select(Organization.id, *(part.correlate(Organization).scalar_subquery() for part in parts))
    rows = db.session.execute(statement.where(Organization.id.in_([each.id for each in shown])))
    return {ident: Counts(registrations, offices, launch) for ident, registrations, offices, launch in rows}


def values_of(column: InstrumentedAttribute[str], limit: int = 300) -> Sequence[str]:
    """Every department or city there is, for a filter."""
    return db.session.scalars(select(column).where(column != "").distinct().order_by(column).limit(limit)).all()


def candidates(other: Organization, search: str) -> Select[tuple[Organization]]:
    """Organizations that may be the same one as `other`; without a search, those of the same city."""
    statement = select(Organization).where(Organization.merged_into_id.is_(None), Organization.id != other.id)
    same_city = func.lower(Organization.city) == other.city.lower()
    statement = statement.where(found_by(search) if search.strip() else same_city)
    return statement.order_by(Organization.name, Organization.id)
