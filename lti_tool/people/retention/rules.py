"""How long this feature keeps what it holds: links, guests, history of consent, the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from lti_tool.core import seals
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import run, utcnow
from lti_tool.core.seals import LEAST_KEPT, AuditSeal
from lti_tool.people.belongings.registry import Subject, erase_rows
from lti_tool.people.guests.models import ENDED, INVITED, Guest, GuestLink
from lti_tool.people.models import Appointment, Person, SignInLink
from lti_tool.people.privacy.models import PrivacyEvent
from lti_tool.people.retention.registry import Period, keep

LINKS = Period(
    "links",
    _l("Used and expired links: personal, for coordinators, for operators"),
    _l("since the link ran out"),
    days=90,
    least=1,
)
GUESTS = Period(
    "guests",
    _l("People invited by name whose access was ended, or who never came"),
    _l("since they came in last, or were invited"),
    days=180,
    least=7,
)
CONSENTS = Period(
    "consents",
    _l("History of consent: what was followed by a newer answer, and that of people who were erased"),
    _l("since the answer"),
    days=1095,
    least=365,
)
AUDIT = Period(
    "audit",
    _l("Lines of the audit trail (the seals stay, so that the rest can still be proved)"),
    _l("since the line was sealed"),
    days=1825,
    least=LEAST_KEPT.days,
)


def register() -> None:
    """Tell what is kept and for how long."""
    for model in (GuestLink, Appointment, SignInLink):
        keep(LINKS, model, _old_links(model))
    keep(GUESTS, Guest, _gone_guests, _erase_guests)
    keep(CONSENTS, PrivacyEvent, _old_answers)
    keep(AUDIT, AuditEvent, _old_lines, _clear_lines)


def _old_links(model: Any) -> Any:
    def due(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
        statement = select(model.id).where(model.expires_at < before).order_by(model.id)
        if organization_id is None:
            return statement
        if model is SignInLink:  # operators are of no organization
            return statement.where(literal(False))
        if model is GuestLink:
            return statement.join(Guest, Guest.id == model.guest_id).where(Guest.organization_id == organization_id)
        return statement.where(model.organization_id == organization_id)

    return due


def _gone_guests(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    open_link = exists().where(
        GuestLink.guest_id == Guest.id,
        GuestLink.used_at.is_(None),
        GuestLink.revoked_at.is_(None),
        GuestLink.expires_at > utcnow(),
    )
    over = or_(Guest.state == ENDED, and_(Guest.state == INVITED, ~open_link))
    statement = select(Guest.id).where(over, func.coalesce(Guest.last_seen_at, Guest.created_at) < before)
    if organization_id is not None:
        statement = statement.where(Guest.organization_id == organization_id)
    return statement.order_by(Guest.id)


def _erase_guests(idents: Sequence[int]) -> None:
    rows = run(select(Guest.id, Guest.person_id, Guest.organization_id).where(Guest.id.in_(idents))).all()
    for ident, person_id, organization_id in rows:
        erase_rows(Subject(person_id or 0, (), (ident,), organization_id))


def _old_answers(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    later = aliased(PrivacyEvent)
    newer = exists().where(
        later.organization_id == PrivacyEvent.organization_id,
        later.person_id == PrivacyEvent.person_id,
        later.id > PrivacyEvent.id,
    )
    erased = exists().where(Person.id == PrivacyEvent.person_id, Person.erased_at.is_not(None))
    statement = select(PrivacyEvent.id).where(PrivacyEvent.at < before, or_(newer, erased))
    if organization_id is not None:
        statement = statement.where(PrivacyEvent.organization_id == organization_id)
    return statement.order_by(PrivacyEvent.id)


def _old_lines(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    statement = select(AuditEvent.id).join(AuditSeal, AuditSeal.id == AuditEvent.seal_id)
    statement = statement.where(AuditSeal.at < before, AuditSeal.cleared_at.is_(None))
    if organization_id is not None:
        own = or_(AuditEvent.organization_id == organization_id, AuditEvent.concerns_id == organization_id)
        statement = statement.where(own)
    return statement.order_by(AuditSeal.id, AuditEvent.id)


def _clear_lines(idents: Sequence[int]) -> None:
    """Whole seals only: the digest of a seal is that of all its lines."""
    touched = run(select(AuditEvent.seal_id).where(AuditEvent.id.in_(idents)).distinct()).scalars().all()
    seals.clear(list(touched))
