"""People: one Person per human, one Identity per (registration, sub); and the operator's sign-in links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.platforms.models import Registration

ASKED, CONFIRMED, ENDED = "asked", "confirmed", "ended"


class Person(Dated, Base):
    """One human. Identities are never joined by e-mail."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    locale: Mapped[str | None] = mapped_column(String(5))
    """The person's own choice; None: the launch's language."""
    time_zone: Mapped[str | None] = mapped_column(String(50))
    operator_name: Mapped[str | None] = mapped_column(String(200))
    """Set for a hub operator, who signs in by one-time links and not from an LMS."""
    erased_at: Mapped[datetime | None]
    """Nothing is known of this person any more; the row stays because numbers point at it."""

    @property
    def is_operator(self) -> bool:
        return self.operator_name is not None


class Identity(Dated, Base):
    """A person as one registration knows them (`sub`, case-sensitive, at most 255 characters)."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("registration_id", "sub"), UniqueConstraint("registration_id", "alias_number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    sub: Mapped[str] = mapped_column(String(255))
    alias_number: Mapped[int]
    """Counts up within the registration: the stable alias «Pupil 14, School» when no name may be shown."""
    name: Mapped[str] = mapped_column(String(255), default="")
    given_name: Mapped[str] = mapped_column(String(255), default="")
    family_name: Mapped[str] = mapped_column(String(255), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    last_seen_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """Erased: the names are empty and `sub` is a random one that no LMS uses, so that nobody comes in as this again."""

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    registration: Mapped[Registration] = relationship(lazy="joined", innerjoin=True)


class Coordinator(Dated, Base):
    """A person who answers for an organization in the network: asked → confirmed → ended; ended ones may ask again."""

    __tablename__ = "coordinator"
    __table_args__ = (UniqueConstraint("organization_id", "person_id"), Index(None, "person_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10))
    """One of ASKED, CONFIRMED, ENDED."""
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None]
    """The Person who brought it into this state; None: the command line."""
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """Why a request was refused or the office ended; the person reads it."""

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class Appointment(Dated, Base):
    """A one-time link by which somebody who came from the organization's LMS becomes its coordinator."""

    __tablename__ = "appointment"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInLink(Dated, Base):
    """A one-time way in for an operator, printed by the command line."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
