"""Coordinators: who answers for an organization in the network, and how somebody becomes one.

An LMS administrator asks and is confirmed by the operator or by another coordinator; or whoever comes from the
organization's LMS opens a one-time link that one of these has made.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import DomainError, Invalid
from lti_tool.people.actor import Actor
from lti_tool.people.models import ASKED, CONFIRMED, ENDED, Appointment, Coordinator

LINK_HOLDS = timedelta(days=7)
LONGEST_REASON = 500


class AppointmentOver(DomainError):
    """A link that does not exist, was used, is too old, or is another organization's; nobody is told which."""

    status = 410
    message = _l("This link has been used, is too old, or is not for your organization.")
    todo = (_l("Ask the person who sent it for a new one, and open it after coming in from your own LMS."),)


def ask_to_coordinate(*, actor: Actor) -> Coordinator:
    """An LMS administrator asks to be the organization's coordinator; asking twice is asking once."""
    assert actor.organization_id is not None
    return _bring(actor, actor.organization_id, actor.person_id, ASKED, only_from=(ENDED,))


def end_coordinator(*, actor: Actor, coordinator: Coordinator) -> None:
    """End somebody's office; the person keeps everything else."""
    _move(actor, coordinator, ENDED)


def decide_requests(*, actor: Actor, requests: Sequence[Coordinator], yes: bool, reason: str = "") -> int:
    """Confirm or refuse several who ask; who was answered meanwhile is passed over. Returns how many; raises Invalid."""
    reason = reason.strip()
    if not yes and not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid({"reason": _("Write a reason of at most %(limit)d characters.", limit=LONGEST_REASON)})
    waiting = [each for each in requests if each.state == ASKED]
    for each in waiting:
        _move(actor, each, CONFIRMED if yes else ENDED, "" if yes else reason)
    return len(waiting)


def appoint(*, actor: Actor | None, organization_id: int) -> tuple[Appointment, str]:
    """A one-time way to become the organization's coordinator; returns it and its code, which is kept nowhere."""
    code = secrets.token_urlsafe(32)
    link = Appointment(organization_id=organization_id, code_hash=_hash(code), expires_at=utcnow() + LINK_HOLDS)
    db.session.add(link)
    db.session.flush()
    audit.record(actor, "coordinator.appoint", "organization", organization_id, concerns=organization_id, link=link.id)
    return link, code


def accept_appointment(*, actor: Actor, code: str) -> Coordinator:
    """Become coordinator of the own organization by a link made for it. Raises AppointmentOver.

    One atomic UPDATE, so that a link works once.
    """
    now = utcnow()
    usable = (
        Appointment.code_hash == _hash(code),
        Appointment.organization_id == actor.organization_id,
        Appointment.used_at.is_(None),
        Appointment.expires_at > now,
    )
    used = update(Appointment).where(*usable).values(used_at=now).execution_options(synchronize_session=False)
    if actor.organization_id is None or execute(used).rowcount != 1:
        raise AppointmentOver
    return _bring(actor, actor.organization_id, actor.person_id, CONFIRMED, only_from=(ASKED, ENDED))


def one_office(source: int, target: int) -> None:
    """Two organizations become one: who had an office in both keeps the one that gives more rights."""
    kept, other = aliased(Coordinator), aliased(Coordinator)
    both = select(kept.id, other.id, kept.state, other.state).join(other, other.person_id == kept.person_id)
    rank = (CONFIRMED, ASKED, ENDED).index
    weaker = [
        second if rank(state) <= rank(second_state) else first
        for first, second, state, second_state in db.session.execute(
            both.where(kept.organization_id == target, other.organization_id == source)
        )
    ]
    if weaker:
        execute(delete(Coordinator).where(Coordinator.id.in_(weaker)).execution_options(synchronize_session=False))


def take_office(*, actor: Actor) -> Coordinator:
    """Become coordinator of the own organization, as somebody who was invited by name to be it."""
    assert actor.organization_id is not None
    return _bring(actor, actor.organization_id, actor.person_id, CONFIRMED, only_from=(ASKED, ENDED))


def _bring(
    actor: Actor, organization_id: int, person_id: int, state: str, *, only_from: tuple[str, ...]
) -> Coordinator:
    key = {"organization_id": organization_id, "person_id": person_id}
    now = utcnow()
    made = insert_if_absent(
        Coordinator, {**key, "state": state, "changed_at": now, "changed_by_id": person_id, "created_at": now}
    )
    found = db.session.scalars(select(Coordinator).filter_by(**key)).one()
    if made:
        audit.record(actor, f"coordinator.{state}", "coordinator", found.id, concerns=organization_id)
    elif found.state in only_from:
        _move(actor, found, state)
    return found


def _move(actor: Actor, coordinator: Coordinator, state: str, reason: str = "") -> None:
    if coordinator.state == state:
        return
    coordinator.reason = reason
    coordinator.state, coordinator.changed_at, coordinator.changed_by_id = state, utcnow(), actor.person_id
    audit.record(actor, f"coordinator.{state}", "coordinator", coordinator.id, concerns=coordinator.organization_id)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
