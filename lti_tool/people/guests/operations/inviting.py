"""Inviting somebody by name, the links that let them in once, and ending all of it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, DomainError, Invalid
from lti_tool.people.actor import Actor
from lti_tool.people.coordinators import end_coordinator, take_office
from lti_tool.people.guests.models import (
    ACTIVE,
    COORDINATOR,
    ENDED,
    PARTNER,
    Guest,
    GuestLink,
    MailCode,
    Passkey,
)
from lti_tool.people.models import CONFIRMED, Person
from lti_tool.people.queries import office_of

DAYS = 7
"""How long a personal link holds unless whoever makes it says otherwise."""
MAX_DAYS = 30
LONGEST_NAME = 200
ROLES = (PARTNER, COORDINATOR)


class InvitationOver(DomainError):
    """A personal link that does not exist, was used or taken back, or is too old; nobody is told which."""

    status = 410
    message = _l("This link has been used, was taken back, or is too old.")
    todo = (
        _l("Ask the person who sent it for a new one."),
        _l("If you have set up a passkey or an e-mail address here, use the page “Sign in”."),
    )


class EntryEnded(DomainError):
    """Somebody whose access was ended tries to come in."""

    status = 403
    message = _l("Your access to this tool has been ended.")
    todo = (_l("Ask the coordinator of your organization."),)


def invite_guest(
    *, actor: audit.Acting | None, organization_id: int, name: str, role: str, days: int = DAYS
) -> tuple[GuestLink, str]:
    """Invite somebody by name; returns the first link and its code, which is kept nowhere. Raises Invalid."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid({"name": _("Write a name of at most %(limit)d characters.", limit=LONGEST_NAME)})
    if role not in ROLES:
        raise Invalid({"role": _("Choose one of these.")})
    guest = Guest(organization_id=organization_id, name=name, role=role)
    db.session.add(guest)
    db.session.flush()
    audit.record(actor, "guest.invite", "guest", guest.id, concerns=organization_id, role=role, days=days)
    return _new_link(actor, guest, days)


def make_link(*, actor: audit.Acting | None, guest: Guest, days: int = DAYS) -> tuple[GuestLink, str]:
    """Another link for somebody who has no other way in; one that is still open stops working. Raises Conflict."""
    guest = _held(guest.id)
    if guest.state == ENDED:
        raise Conflict(_("This person's access has been ended."), _("Invite the person anew."))
    _take_back(guest)
    link, code = _new_link(actor, guest, days)
    audit.record(actor, "guest.link", "guest", guest.id, concerns=guest.organization_id, link=link.id, days=days)
    return link, code


def take_link_back(*, actor: audit.Acting | None, guest: Guest) -> None:
    """Make the open link of a guest useless; nothing happens when none is open."""
    if _take_back(guest):
        audit.record(actor, "guest.link_revoke", "guest", guest.id, concerns=guest.organization_id)


def end_guest(*, actor: Actor, guest: Guest) -> None:
    """Let somebody in no longer: links, passkeys, address, office and open sessions end; the name stays in the list."""
    for model in (Passkey, MailCode):  # before the guest is held, as coming in by them locks in this order
        execute(delete(model).where(model.guest_id == guest.id).execution_options(synchronize_session=False))
    guest = _held(guest.id)
    if guest.state == ENDED:
        return
    _take_back(guest)
    guest.state, guest.email = ENDED, None
    office = office_of(guest.organization_id, guest.person_id) if guest.person_id is not None else None
    if office is not None and office.state == CONFIRMED:
        end_coordinator(actor=actor, coordinator=office)
    audit.record(actor, "guest.end", "guest", guest.id, concerns=guest.organization_id)


def open_link(code: str) -> GuestLink:
    """The link of this code when it may still be used; looking uses nothing up. Raises InvitationOver."""
    link = db.session.scalar(select(GuestLink).where(GuestLink.code_hash == _hash(code)))
    if link is None or link.state(utcnow()) != "open":
        raise InvitationOver
    return link


def use_link(code: str) -> Guest:
    """Come in by a link: one atomic UPDATE, so that it works once. Raises InvitationOver."""
    guest = _held(open_link(code).guest_id)
    now = utcnow()
    usable = (
        GuestLink.code_hash == _hash(code),
        GuestLink.used_at.is_(None),
        GuestLink.revoked_at.is_(None),
        GuestLink.expires_at > now,
    )
    used = update(GuestLink).where(*usable).values(used_at=now).execution_options(synchronize_session=False)
    if guest.state == ENDED or execute(used).rowcount != 1:
        raise InvitationOver
    newcomer = guest.person_id is None
    if newcomer:
        person = Person()
        db.session.add(person)
        db.session.flush()
        guest.person_id, guest.state = person.id, ACTIVE
    _arrive(guest, "link")
    if newcomer and guest.role == COORDINATOR:
        take_office(actor=acting(guest))
    return guest


def let_in(guest_id: int, way: str) -> Guest:
    """Come in by a passkey or a code that has been checked. Raises EntryEnded."""
    guest = _held(guest_id)
    if guest.state != ACTIVE:
        raise EntryEnded
    _arrive(guest, way)
    return guest


def acting(guest: Guest) -> Actor:
    """The guest as who acts, with no more rights than to be named in the audit trail."""
    assert guest.person_id is not None
    return Actor(person_id=guest.person_id, organization_id=guest.organization_id, guest_id=guest.id)


def _arrive(guest: Guest, way: str) -> None:
    if guest.organization.archived_at is not None:
        raise EntryEnded
    guest.last_seen_at = utcnow()
    audit.record(acting(guest), "guest.enter", "guest", guest.id, way=way)


def _held(guest_id: int) -> Guest:
    """The guest as it is now, kept from being changed by others until the end of this transaction."""
    statement = select(Guest).where(Guest.id == guest_id).with_for_update(of=Guest)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def _new_link(actor: audit.Acting | None, guest: Guest, days: int) -> tuple[GuestLink, str]:
    if not 1 <= days <= MAX_DAYS:
        raise Invalid({"days": _("Choose 1 to %(limit)d days.", limit=MAX_DAYS)})
    code = secrets.token_urlsafe(32)
    link = GuestLink(
        guest=guest,
        code_hash=_hash(code),
        expires_at=utcnow() + timedelta(days=days),
        made_by_id=actor.person_id if actor else None,
    )
    db.session.add(link)
    db.session.flush()
    return link, code


def _take_back(guest: Guest) -> bool:
    open_ones = (GuestLink.guest_id == guest.id, GuestLink.used_at.is_(None), GuestLink.revoked_at.is_(None))
    statement = update(GuestLink).where(*open_ones).values(revoked_at=utcnow())
    return execute(statement.execution_options(synchronize_session=False)).rowcount > 0


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
