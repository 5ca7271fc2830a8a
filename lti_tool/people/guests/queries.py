"""Reads of guests that several callers need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from lti_tool.core.db import db
from lti_tool.core.finding import says
from lti_tool.people.guests.models import ENDED, Guest, GuestLink, Passkey
from lti_tool.people.models import CONFIRMED, Coordinator, Identity
from lti_tool.people.names import full_name
from lti_tool.platforms.models import Registration


@dataclass(frozen=True)
class Invited:
    """A guest as the list shows them."""

    guest: Guest
    link: GuestLink | None
    """The newest."""
    passkeys: int
    coordinates: bool


def guests_of(organization_id: int, *, search: str = "", state: str = "") -> Select[tuple[Guest]]:
    """Who was invited for the organization by name, the newest first; whose access was ended comes last."""
    statement = select(Guest).where(Guest.organization_id == organization_id)
    if search.strip():
        statement = statement.where(says(search, Guest.name))
    if state:
        statement = statement.where(Guest.state == state)
    return statement.order_by((Guest.state == ENDED).asc(), Guest.id.desc())


def invited(guests: Sequence[Guest]) -> list[Invited]:
    """What the list says of these guests, in three statements."""
    ids = [guest.id for guest in guests]
    newest = select(func.max(GuestLink.id)).where(GuestLink.guest_id.in_(ids)).group_by(GuestLink.guest_id)
    links = {link.guest_id: link for link in db.session.scalars(select(GuestLink).where(GuestLink.id.in_(newest)))}
    counted = select(Passkey.guest_id, func.count()).where(Passkey.guest_id.in_(ids)).group_by(Passkey.guest_id)
    passkeys: dict[int, int] = dict(db.session.execute(counted).tuples().all())
    people = [guest.person_id for guest in guests if guest.person_id is not None]
    held = select(Coordinator.organization_id, Coordinator.person_id).where(
        Coordinator.person_id.in_(people), Coordinator.state == CONFIRMED
    )
    offices = {tuple(row) for row in db.session.execute(held)}
    return [
        Invited(
            guest, links.get(guest.id), passkeys.get(guest.id, 0), (guest.organization_id, guest.person_id) in offices
        )
        for guest in guests
    ]


def passkeys_of(guest_id: int) -> Sequence[Passkey]:
    """A guest's passkeys, the oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.guest_id == guest_id).order_by(Passkey.id)).all()


def inviter_of(link: GuestLink) -> str:
    """Who made a link, by name, when it was somebody of the organization; empty when it was the hub."""
    if link.made_by_id is None:
        return ""
    organization_id = link.guest.organization_id
    theirs = select(Guest.name).where(Guest.person_id == link.made_by_id, Guest.organization_id == organization_id)
    name = db.session.scalar(theirs)
    if name is not None:
        return name
    statement = select(Identity).join(Registration, Registration.id == Identity.registration_id)
    own = (Identity.person_id == link.made_by_id, Registration.organization_id == organization_id)
    identity = db.session.scalars(statement.where(*own).order_by(Identity.id).limit(1)).first()
    return full_name(identity) if identity is not None else ""
