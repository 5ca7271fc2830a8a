"""Lines of the audit trail, filtered; the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration

SIZE = 50
"""Lines of one page."""


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; None or empty: no matter."""

    since: datetime | None = None
    until: datetime | None = None
    """The first moment after the period."""
    verb: str = ""
    thing: str = ""
    thing_id: int | None = None
    person_id: int | None = None
    person: str = ""
    """A part of the name, for who may read names."""
    before: int | None = None
    """Only lines older than this one: the next page."""


def lines(wanted: Wanted, organization_id: int | None) -> Select[tuple[AuditEvent]]:
    """Lines of one organization (its people's acts, and others' acts on what is its own); None: of the whole hub."""
    statement = select(AuditEvent)
    if organization_id is not None:
        own = AuditEvent.organization_id == organization_id
        statement = statement.where(or_(own, AuditEvent.concerns_id == organization_id))
        if wanted.person:
            statement = statement.where(own, AuditEvent.person_id.in_(_named(wanted.person, organization_id)))
    asked = {
        "verb": wanted.verb or None,
        "thing": wanted.thing or None,
        "thing_id": wanted.thing_id,
        "person_id": wanted.person_id,
    }
    statement = statement.where(
        *(getattr(AuditEvent, name) == value for name, value in asked.items() if value is not None)
    )
    if wanted.since is not None:
        statement = statement.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEvent.at < wanted.until)
    if wanted.before is not None:
        statement = statement.where(AuditEvent.id < wanted.before)
    return statement.order_by(AuditEvent.id.desc())


def _named(part: str, organization_id: int) -> Select[tuple[int]]:
    return (
        select(Identity.person_id)
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Registration.organization_id == organization_id)
        .where(func.lower(Identity.name).contains(part.lower(), autoescape=True))
    )


def page_of(wanted: Wanted, organization_id: int | None) -> tuple[Sequence[AuditEvent], int | None]:
    """One page and where the next begins; None at the end."""
    found = db.session.scalars(lines(wanted, organization_id).limit(SIZE + 1)).all()
    return found[:SIZE], found[SIZE - 1].id if len(found) > SIZE else None


def own_people(events: Iterable[AuditEvent], organization_id: int) -> dict[int, Identity]:
    """Who acted, of the people of this organization, by person; one statement."""
    persons = {each.person_id for each in events if each.organization_id == organization_id}
    first = (
        select(func.min(Identity.id))
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Identity.person_id.in_(persons), Registration.organization_id == organization_id)
        .group_by(Identity.person_id)
    )
    found = db.session.scalars(select(Identity).where(Identity.id.in_(first))).unique()
    return {each.person_id: each for each in found}


def organizations_of(events: Iterable[AuditEvent]) -> dict[int, str]:
    """Names of the organizations in these lines; one statement."""
    idents = {ident for each in events for ident in (each.organization_id, each.concerns_id) if ident is not None}
    statement = select(Organization.id, Organization.name).where(Organization.id.in_(idents))
    return dict(db.session.execute(statement).tuples().all())
