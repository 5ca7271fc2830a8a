"""Guests, the links that invite them, and the ways in they have set up: passkeys and codes by e-mail."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.organizations.models import Organization

PARTNER, COORDINATOR = "partner", "coordinator"
INVITED, ACTIVE, ENDED = "invited", "active", "ended"
ENTER, CONFIRM = "enter", "confirm"


class Guest(Dated, Base):
    """Somebody invited by name to act for an organization without an LMS: invited → active → ended."""

    __tablename__ = "guest"
    __table_args__ = (Index(None, "organization_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), unique=True)
    """Made at the first use of a link."""
    name: Mapped[str] = mapped_column(String(200))
    """As typed by whoever invited them."""
    role: Mapped[str] = mapped_column(String(12))
    """What they were invited as, PARTNER or COORDINATOR; whether they coordinate now is said by Coordinator."""
    state: Mapped[str] = mapped_column(String(10), default=INVITED)
    """One of INVITED, ACTIVE, ENDED."""
    handle: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_urlsafe(32))
    """What their passkeys know them by: says nothing about anybody."""
    email: Mapped[str | None] = mapped_column(String(255), unique=True)
    """In small letters; only once a code sent there has come back."""
    generation: Mapped[int] = mapped_column(default=1)
    """Counts up when a way in is taken away: sessions that began before are over."""
    last_seen_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class GuestLink(Dated, Base):
    """A personal link that lets a guest in once: the first one invites, later ones help who has no other way."""

    __tablename__ = "guest_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    made_by_id: Mapped[int | None]
    """The Person who made it; None: the tool itself."""

    guest: Mapped[Guest] = relationship(lazy="joined", innerjoin=True)

    def state(self, now: datetime) -> str:
        """open, used, revoked or expired."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if self.expires_at > now else "expired"


class Passkey(Dated, Base):
    """A WebAuthn credential of a guest: the public half of a key that stays on their device."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    """base64url; at most 1023 bytes by the specification."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """Always 0 where the authenticator does not count."""
    name: Mapped[str] = mapped_column(String(60))
    """What its owner calls the device."""
    last_used_at: Mapped[datetime | None]


class UsedChallenge(Base):
    """A challenge that a passkey has answered: none is answered twice."""

    __tablename__ = "used_challenge"
    __table_args__ = (Index(None, "expires_at"),)

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]


class MailCode(OutboxMixin, Dated, Base):
    """Six digits sent by e-mail, good in the browser that asked for them.

    The job that sends the mail makes the digits and keeps their hash only. A row is made for every request, also for an
    address that nobody has: then it is never sent, and no code fits it.
    """

    __tablename__ = "mail_code"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "address_hash", "created_at"),
        Index(None, "guest_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guest.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    """ENTER, or CONFIRM an address."""
    address: Mapped[str | None] = mapped_column(String(255))
    """Where it goes; None for an address that nobody has, and once it is over."""
    address_hash: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(5))
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
