"""Agreements between organizations: their revisions, who has signed which, and what happened to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.agreements.terms import Terms
from lti_tool.core.db import Base, Dated
from lti_tool.organizations.models import Organization

DRAFT, PROPOSED, SIGNED, ACTIVE, EXPIRED, TERMINATED = "draft", "proposed", "signed", "active", "expired", "terminated"
STATES = (DRAFT, PROPOSED, SIGNED, ACTIVE, EXPIRED, TERMINATED)
"""Being written; before the parties; signed by all and not begun; in force; over; ended before its time."""


class Agreement(Dated, Base):
    """An agreement of two or more organizations; what it says is in its revisions.

    draft → proposed → signed → active → expired | terminated; a proposed one goes back to draft when it is changed.
    """

    __tablename__ = "agreement"
    __table_args__ = (Index(None, "state", "ends_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    """Of the newest revision, for lists."""
    state: Mapped[str] = mapped_column(String(12), default=DRAFT)
    form: Mapped[str] = mapped_column(String(12))
    """Of terms.form_of."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    """Both of the revision in force, else of the newest."""
    ended_reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it was terminated."""
    version: Mapped[int] = mapped_column(default=1)
    """Optimistic lock."""

    parties: Mapped[list[Party]] = relationship(back_populates="agreement", order_by="Party.id")
    revisions: Mapped[list[Revision]] = relationship(back_populates="agreement", order_by="Revision.number")


class Party(Dated, Base):
    """An organization that the agreement is between; only parties see it."""

    __tablename__ = "agreement_party"
    __table_args__ = (UniqueConstraint("agreement_id", "organization_id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    seats: Mapped[int] = mapped_column(default=0)
    """What it offers by the revision in force."""

    agreement: Mapped[Agreement] = relationship(back_populates="parties")
    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class Revision(Dated, Base):
    """What the agreement says, as of one proposal: the first, or an amendment. Signed ones never change."""

    __tablename__ = "agreement_revision"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    """Counts from 1."""
    state: Mapped[str] = mapped_column(String(12), default=DRAFT)
    """draft, proposed, signed (by all), or withdrawn."""
    stored: Mapped[dict[str, Any]] = mapped_column(JSON)
    proposed_at: Mapped[datetime | None]

    agreement: Mapped[Agreement] = relationship(back_populates="revisions")
    signatures: Mapped[list[Signature]] = relationship(back_populates="revision", order_by="Signature.id")

    @property
    def terms(self) -> Terms:
        return Terms.from_json(self.stored)


class Signature(Dated, Base):
    """A party's word for a revision: who signed the paper, and where the paper is."""

    __tablename__ = "agreement_signature"
    __table_args__ = (UniqueConstraint("revision_id", "organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("agreement_revision.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    signatory: Mapped[str] = mapped_column(String(200))
    """Who signed, with the office held."""
    paper: Mapped[str] = mapped_column(String(200), default="")
    """Number and date of the paper, or where it is kept."""
    signed_on: Mapped[date]
    confirmed_by_id: Mapped[int | None]
    """The Person who said so here."""

    revision: Mapped[Revision] = relationship(back_populates="signatures")
