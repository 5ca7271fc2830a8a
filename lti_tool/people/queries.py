"""Reads of people that several callers need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import joinedload

from lti_tool.core.db import db
from lti_tool.organizations.models import Organization
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import ASKED, CONFIRMED, Coordinator, Identity
from lti_tool.platforms.models import Registration


@dataclass(frozen=True)
class Office:
    """A coordinator with the identity whose name is shown."""

    coordinator: Coordinator
    identity: Identity | None
    guest: Guest | None
    """Of somebody invited by name, who comes from no LMS."""


def coordinators_of(organization_id: int) -> Select[tuple[Coordinator]]:
    """Who coordinates the organization or has asked to; those who wait come first."""
    wanted = (Coordinator.organization_id == organization_id, Coordinator.state.in_((ASKED, CONFIRMED)))
    return select(Coordinator).where(*wanted).order_by(Coordinator.state, Coordinator.id)


def offices(organization_id: int, among: Sequence[Coordinator] | None = None) -> list[Office]:
    """Who coordinates the organization or has asked to, with their names; `among`: only these."""
    statement = (
        select(Coordinator, Identity, Guest)
        .select_from(Coordinator)
        .outerjoin(Identity, Identity.id == _shown_identity(organization_id))
        .outerjoin(Guest, and_(Guest.person_id == Coordinator.person_id, Guest.organization_id == organization_id))
        .where(Coordinator.organization_id == organization_id, Coordinator.state.in_((ASKED, CONFIRMED)))
        .order_by(Coordinator.state, Coordinator.id)
        .options(*_WITHOUT_FILTERING)
    )
    if among is not None:
        statement = statement.where(Coordinator.id.in_([each.id for each in among]))
    return [Office(*row) for row in db.session.execute(statement)]


def count_asking(organization_id: int) -> int:
    """How many people ask to coordinate the organization."""
    asks = (Coordinator.organization_id == organization_id, Coordinator.state == ASKED)
    return db.session.scalar(select(func.count()).select_from(Coordinator).where(*asks)) or 0


_WITHOUT_FILTERING = (
    joinedload(Identity.person, innerjoin=False),
    joinedload(Identity.registration, innerjoin=False).joinedload(Registration.organization, innerjoin=False),
    joinedload(Guest.organization, innerjoin=False),
)
"""Their inner joins would leave out whoever has no identity, or is no guest."""


def _shown_identity(organization_id: int) -> ScalarSelect[int]:
    """The person's oldest identity in the organization: one human may come from two of its LMSs."""
    return (
        select(func.min(Identity.id))
        .join(Registration, Registration.id == Identity.registration_id)
        .where(and_(Identity.person_id == Coordinator.person_id, Registration.organization_id == organization_id))
        .correlate(Coordinator)
        .scalar_subquery()
    )


def office_of(organization_id: int, person_id: int) -> Coordinator | None:
    """The person's office in the organization, whatever its state."""
    key = {"organization_id": organization_id, "person_id": person_id}
    return db.session.scalars(select(Coordinator).filter_by(**key)).one_or_none()


def organizations_asking(limit: int = 20) -> list[Organization]:
    """Organizations in which somebody asks to be a coordinator, the longest wait first."""
    statement = (
        select(Organization)
        .join(Coordinator, Coordinator.organization_id == Organization.id)
        .where(Coordinator.state == ASKED)
        .group_by(Organization.id)
        .order_by(func.min(Coordinator.changed_at))
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def names_seen(registration_id: int) -> dict[str, bool]:
    """Whether who launched last has a name and an e-mail address here: evidence of what the LMS sends."""
    statement = (
        select(Identity.name, Identity.given_name, Identity.family_name, Identity.email)
        .where(Identity.registration_id == registration_id, Identity.last_seen_at.is_not(None))
        .order_by(Identity.last_seen_at.desc())
        .limit(1)
    )
    found = db.session.execute(statement).first()
    return {} if found is None else {"names": any(found[:3]), "emails": bool(found[3])}
