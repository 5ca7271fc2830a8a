"""Organizations: schools and everyone else who joins the network."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated

TYPES = ("school", "supplementary", "college", "university", "enterprise", "ngo", "culture", "other")


class Organization(Dated, Base):
    __tablename__ = "organization"
    __table_args__ = (Index(None, "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(20))
    """One of TYPES."""
    department: Mapped[str] = mapped_column(String(200))
    """The authority it belongs to; decides the form of an agreement (horizontal, vertical, mixed)."""
    city: Mapped[str] = mapped_column(String(100), default="")
    contacts: Mapped[str] = mapped_column(String(500), default="")
    """Whom partners may write to; shown to partners."""
    locale: Mapped[str] = mapped_column(String(5), default="ru")
    time_zone: Mapped[str] = mapped_column(String(50), default="Europe/Moscow")
    support_needs_yes: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Operators see its pages in a support access only after a coordinator's yes."""
    archived_at: Mapped[datetime | None]
    """Nobody comes in from it any more; nothing of it is removed."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    """It was another entry of this organization, which has everything now: old links lead there."""


class StorageUse(Base):
    """How much an organization's people have put into the storage; counted anew every hour."""

    __tablename__ = "storage_use"
    __table_args__ = (Index(None, "bytes"),)

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    files: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigInteger)
    largest: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the largest file."""
    counted_at: Mapped[datetime]

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)
