"""Agreements between organizations: their revisions, who has signed which, and how far they have come."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.agreements.terms import Terms
from lti_tool.core.db import Base, Dated
from lti_tool.organizations.models import Organization

DRAFT, PROPOSED, SIGNED, ACTIVE, EXPIRED, TERMINATED = "draft", "proposed", "signed", "active", "expired", "terminated"
STATES = (DRAFT, PROPOSED, SIGNED, ACTIVE, EXPIRED, TERMINATED)
"""Being written; before the parties; signed by all and not begun; in force; over; ended before its time."""
DECLINED, WITHDRAWN, REPLACED = "declined", "withdrawn", "replaced"
"""States of a revision beside draft, proposed and signed: a party said no; a party wrote another; amended later."""
_OPEN = text("state in ('draft', 'proposed')")


class Agreement(Dated, Base):
    """An agreement of two or more organizations; what it says is in its revisions.

    draft → proposed → signed → active → expired | terminated; a proposed one goes back to draft when it is declined or
    changed. An amendment of a signed or active one is a later revision; the agreement keeps its state meanwhile.
    """

    __tablename__ = "agreement"
    __table_args__ = (Index(None, "state", "ends_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    """The organization that wrote the first draft."""
    title: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(12))
    """One of terms.KINDS. This and the following are copies for lists: of the revision in force, else the newest."""
    network_form: Mapped[bool] = mapped_column(default=False)
    form: Mapped[str] = mapped_column(String(12))
    """Of terms.form_of."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    """The last day; an earlier one once somebody has ended it before its time."""
    state: Mapped[str] = mapped_column(String(12), default=DRAFT)
    proposed_at: Mapped[datetime | None]
    """When the other parties first saw it; None: only the author does."""
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    """The party that ended it before its time."""
    ended_reason: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)
    """Optimistic lock."""

    parties: Mapped[list[Party]] = relationship(back_populates="agreement", order_by="Party.id", lazy="selectin")
    revisions: Mapped[list[Revision]] = relationship(back_populates="agreement", order_by="Revision.number")


class Party(Dated, Base):
    """An organization that the agreement is between; only parties see it, and only once it has been proposed."""

    __tablename__ = "agreement_party"
    __table_args__ = (UniqueConstraint("agreement_id", "organization_id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    seats: Mapped[int] = mapped_column(default=0)
    """Places for pupils of the other parties, by the revision in force."""
    hours: Mapped[int] = mapped_column(default=0)

    agreement: Mapped[Agreement] = relationship(back_populates="parties")
    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class Revision(Dated, Base):
    """What the agreement says, as of one proposal: the first, a counter-proposal, or an amendment.

    draft → proposed → signed (by all) | declined | withdrawn; signed → replaced. At most one is open. Only a draft changes.
    """

    __tablename__ = "agreement_revision"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number"),
        Index("uq_agreement_revision_open", "agreement_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    """Counts from 1."""
    author_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    """The party that wrote it; its draft is nobody else's to read."""
    state: Mapped[str] = mapped_column(String(12), default=DRAFT)
    stored: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Of Terms.to_json."""
    proposed_at: Mapped[datetime | None]
    declined_by_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it was declined; every party reads it."""

    agreement: Mapped[Agreement] = relationship(back_populates="revisions")
    signatures: Mapped[list[Signature]] = relationship(
        back_populates="revision", order_by="Signature.id", lazy="selectin"
    )

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
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """The coordinator who said so here."""
    scan_key: Mapped[str] = mapped_column(String(80), default="")
    """Where the scan is in the storage; empty without one."""
    scan_name: Mapped[str] = mapped_column(String(255), default="")
    scan_size: Mapped[int] = mapped_column(default=0)

    revision: Mapped[Revision] = relationship(back_populates="signatures")
