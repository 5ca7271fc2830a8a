"""Reads of agreements: lists of one organization, who works with whom, what waits for an answer, what ends soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from lti_tool.agreements.models import ACTIVE, DRAFT, PROPOSED, SIGNED, Agreement, Party, Revision, Signature
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, utcnow
from lti_tool.core.finding import says
from lti_tool.organizations.models import Organization

ENDS_SOON = timedelta(days=42)
"""Six weeks: time to agree on an amendment, or to tell pupils and parents."""
HISTORY = 100
"""Lines of an agreement's history that are shown."""


def today() -> date:
    """The day agreements are judged by."""
    return utcnow().date()


def shown_to(organization_id: int) -> ColumnElement[bool]:
    """Of an Agreement: the organization is a party and may know of it."""
    party = exists().where(Party.agreement_id == Agreement.id, Party.organization_id == organization_id)
    return or_(Agreement.author_id == organization_id, and_(Agreement.proposed_at.is_not(None), party))


def agreements_of(organization_id: int, *, state: str = "", search: str = "") -> Select[tuple[Agreement]]:
    """The organization's agreements, the newest first; `search` is a part of the title or of a party's name."""
    statement = select(Agreement).where(shown_to(organization_id))
    if state:
        statement = statement.where(Agreement.state == state)
    if search.strip():
        party = (
            select(Party.agreement_id)
            .join(Organization, Organization.id == Party.organization_id)
            .where(Party.agreement_id == Agreement.id, says(search, Organization.name))
        )
        statement = statement.where(or_(says(search, Agreement.title), party.exists()))
    return statement.order_by(Agreement.id.desc())


def counts_of(organization_id: int) -> dict[str, int]:
    """How many agreements the organization has in each state."""
    statement = select(Agreement.state, func.count()).where(shown_to(organization_id)).group_by(Agreement.state)
    return dict(db.session.execute(statement).tuples().all())


def awaiting_signature(organization_id: int, limit: int = 20) -> Sequence[Agreement]:
    """Agreements whose proposed text the organization has not answered, the longest wait first."""
    signed = exists().where(Signature.revision_id == Revision.id, Signature.organization_id == organization_id)
    statement = (
        select(Agreement)
        .join(Revision, Revision.agreement_id == Agreement.id)
        .join(Party, and_(Party.agreement_id == Agreement.id, Party.organization_id == organization_id))
        .where(Revision.state == PROPOSED, ~signed)
        .order_by(Revision.proposed_at)
        .limit(limit)
    )
    return db.session.scalars(statement).unique().all()


def holds(on: date) -> ColumnElement[bool]:
    """Of an Agreement: in force on this day, whether or not the daily duty has come round."""
    return and_(Agreement.state.in_((SIGNED, ACTIVE)), Agreement.starts_on <= on, Agreement.ends_on >= on)


def partners_of(organization_id: int) -> Select[tuple[int]]:
    """Ids of the organizations it works with under an agreement in force today."""
    own, other = aliased(Party), aliased(Party)
    return (
        select(other.organization_id)
        .join(own, own.agreement_id == other.agreement_id)
        .join(Agreement, Agreement.id == other.agreement_id)
        .where(own.organization_id == organization_id, other.organization_id != organization_id, holds(today()))
    )


@dataclass(frozen=True)
class Partnership:
    """How two organizations stand to each other."""

    in_force: bool = False
    until: date | None = None
    """The last day of the one in force."""
    ended_on: date | None = None
    """The last day of the agreement that ended last; None when there never was one, or one is in force."""


def partnership(one: int, other: int) -> Partnership:
    """How two organizations stand to each other today; one statement."""
    if one == other:
        return Partnership(in_force=True)
    first, second = aliased(Party), aliased(Party)
    day = today()
    statement = (
        select(func.max(Agreement.ends_on))
        .join(first, first.agreement_id == Agreement.id)
        .join(second, second.agreement_id == Agreement.id)
        .where(first.organization_id == one, second.organization_id == other)
        .where(Agreement.state.not_in((DRAFT, PROPOSED)), Agreement.starts_on <= day)
    )
    last = db.session.scalar(statement)
    if last is None:
        return Partnership()
    return Partnership(in_force=True, until=last) if last >= day else Partnership(ended_on=last)


def to_attend(organization_id: int, limit: int = 40) -> tuple[Sequence[Agreement], Sequence[Agreement]]:
    """(proposed texts the organization has not answered, agreements that end within ENDS_SOON); one statement."""
    day = today()
    signed = exists().where(Signature.revision_id == Revision.id, Signature.organization_id == organization_id)
    unanswered = and_(Revision.agreement_id == Agreement.id, Revision.state == PROPOSED, ~signed)
    proposed_at = select(func.min(Revision.proposed_at)).where(unanswered).scalar_subquery()
    ends = and_(holds(day), Agreement.ends_on <= day + ENDS_SOON)
    statement = (
        select(Agreement, proposed_at, case((ends, 1), else_=0))
        .join(Party, and_(Party.agreement_id == Agreement.id, Party.organization_id == organization_id))
        .where(or_(exists().where(unanswered), ends))
        .order_by(Agreement.ends_on, Agreement.id)
        .limit(limit)
    )
    rows = db.session.execute(statement).unique().all()
    waiting = sorted((row for row in rows if row[1] is not None), key=lambda row: row[1])
    return [row[0] for row in waiting], [row[0] for row in rows if row[2]]


@dataclass(frozen=True)
class Line:
    """One line of an agreement's history."""

    event: AuditEvent
    organization: str | None
    """Whose coordinator did it; None: the calendar."""


def history(agreement: Agreement) -> list[Line]:
    """What happened to an agreement, the newest first; drafts nobody else has seen are left out by the caller."""
    statement = (
        select(AuditEvent, Organization.name)
        .outerjoin(Organization, Organization.id == AuditEvent.organization_id)
        .where(AuditEvent.thing == "agreement", AuditEvent.thing_id == agreement.id)
        .order_by(AuditEvent.id.desc())
        .limit(HISTORY)
    )
    return [Line(*row) for row in db.session.execute(statement)]


def organizations_named(idents: Sequence[int]) -> dict[int, Organization]:
    """Organizations by id."""
    found = db.session.scalars(select(Organization).where(Organization.id.in_(idents)))
    return {each.id: each for each in found}


def kept_scans() -> Select[tuple[int, int]]:
    """(organization, bytes) of every scan of a signed paper."""
    return select(Signature.organization_id, Signature.scan_size).where(Signature.scan_key != "")
