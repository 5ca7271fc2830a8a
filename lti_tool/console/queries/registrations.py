"""The list of registrations by health: what troubles each one, the most troubled first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from lti_tool.contexts.models import Context, RosterSync
from lti_tool.core.db import db, utcnow
from lti_tool.grades.models import CLOSES_AFTER, PARKED, REFUSED, DeliveryLane, Score
from lti_tool.organizations.models import Organization
from lti_tool.organizations.queries import found_by
from lti_tool.platforms.models import ACTIVE, PENDING, SUSPENDED, Deployment, DoctorReport, Registration
from lti_tool.platforms.queries import Health, health_of

TROUBLES = ("roster", "closed", "held", "deployments")
"""Filters: rosters that cannot be read, a lane that is closed, grades that wait for a person, deployments that wait."""
VERDICTS = ("failed", "warning", "ok", "none")


@dataclass(frozen=True)
class Wanted:
    """Which registrations a page shows; empty: all of them."""

    search: str = ""
    state: str = ""
    verdict: str = ""
    """One of VERDICTS; none: never checked."""
    trouble: str = ""
    """One of TROUBLES."""
    quiet_days: int = 0
    """No launch for as many days."""
    product: str = ""
    """A product, or product and version, as `products` gives them."""


@dataclass(frozen=True)
class Row:
    """A registration with everything that troubles it."""

    health: Health
    rosters_failing: int
    closed_since: datetime | None
    held: int
    """Grades that wait for a person."""

    @property
    def failing_checks(self) -> list[str]:
        """Names of the doctor's checks that did not go well."""
        report = self.health.report
        return [each["name"] for each in report.checks if each["verdict"] in ("failed", "warning")] if report else []


def registrations(wanted: Wanted) -> Select[tuple[Registration]]:
    """The registrations that are wanted, the most troubled first; to be shown in pages."""
    statement = (
        select(Registration)
        .join(Registration.organization)
        .outerjoin(DoctorReport, DoctorReport.registration_id == Registration.id)
        .outerjoin(DeliveryLane, DeliveryLane.id == Registration.id)
        .options(contains_eager(Registration.organization), selectinload(Registration.deployments))
        .where(*_conditions(wanted))
    )
    return statement.order_by(_level(), Organization.name, Registration.id)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search.strip():
        found.append(_is_called(wanted.search))
    if wanted.state:
        found.append(Registration.state == wanted.state)
    if wanted.verdict:
        verdict = DoctorReport.verdict
        found.append(verdict.is_(None) if wanted.verdict == "none" else verdict == wanted.verdict)
    if wanted.trouble:
        found.append(_troubles()[wanted.trouble])
    if wanted.quiet_days:
        last = Registration.last_launch_at
        found.append(or_(last.is_(None), last < utcnow() - timedelta(days=wanted.quiet_days)))
    if wanted.product:
        versioned = Registration.product + " " + Registration.product_version
        found.append(or_(Registration.product == wanted.product, versioned == wanted.product))
    return found


def _is_called(search: str) -> ColumnElement[bool]:
    part = search.strip().lower()
    columns = (Registration.name, Registration.issuer, Registration.client_id)
    return or_(found_by(search), *(func.lower(each).contains(part, autoescape=True) for each in columns))


def _troubles() -> dict[str, ColumnElement[bool]]:
    unread = select(Context.registration_id).join(RosterSync, RosterSync.context_id == Context.id)
    return {
        "roster": Registration.id.in_(unread.where(RosterSync.error.is_not(None))),  # read once, not for every row
        "closed": DeliveryLane.failures >= CLOSES_AFTER,
        "held": exists().where(Score.registration_id == Registration.id, Score.state.in_((REFUSED, PARKED))),
        "deployments": exists().where(Deployment.registration_id == Registration.id, Deployment.state == PENDING),
    }


def _level() -> ColumnElement[int]:
    """How urgently somebody should look: a person waits, nothing works, something does not, all is well, switched off."""
    troubles = _troubles()
    return case(
        (Registration.state == SUSPENDED, 4),
        (Registration.state == PENDING, 0),
        (or_(DoctorReport.verdict == "failed", troubles["closed"]), 1),
        (or_(DoctorReport.verdict == "warning", *(troubles[each] for each in ("deployments", "held", "roster"))), 2),
        else_=3,
    )


def rows_of(shown: Sequence[Registration]) -> list[Row]:
    """Each registration with its troubles; three statements more."""
    ids = [each.id for each in shown]
    rosters = dict(
        db.session.execute(
            select(Context.registration_id, func.count())
            .join(RosterSync, RosterSync.context_id == Context.id)
            .where(Context.registration_id.in_(ids), RosterSync.error.is_not(None))
            .group_by(Context.registration_id)
        )
        .tuples()
        .all()
    )
    held_here = and_(Score.registration_id == Registration.id, Score.state.in_((REFUSED, PARKED)))
    held = select(func.count(Score.id)).where(held_here).correlate(Registration).scalar_subquery()
    statement = select(Registration.id, held, DeliveryLane.failures, DeliveryLane.troubled_since)
    statement = statement.outerjoin(DeliveryLane, DeliveryLane.id == Registration.id).where(Registration.id.in_(ids))
    grades = {ident: rest for ident, *rest in db.session.execute(statement)}
    return [
        _row(each, rosters.get(each.registration.id, 0), *grades[each.registration.id]) for each in health_of(shown)
    ]


def _row(health: Health, rosters: int, held: int, failures: int | None, troubled_since: datetime | None) -> Row:
    closed = troubled_since if failures is not None and failures >= CLOSES_AFTER else None
    return Row(health, rosters, closed, held if health.registration.state == ACTIVE else 0)


def products() -> list[str]:
    """Products, and products with their versions, that are registered; one statement."""
    statement = select(Registration.product, Registration.product_version).where(Registration.product != "").distinct()
    found = list(db.session.execute(statement.limit(300)).tuples())
    versioned = {f"{product} {version}" for product, version in found if version}
    return sorted({product for product, _version in found} | versioned)
