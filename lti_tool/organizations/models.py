"""Organizations: schools and everyone else who joins the network."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

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
    archived_at: Mapped[datetime | None]
    """Nobody comes in from it any more; nothing of it is removed."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    """It was another entry of this organization, which has everything now: old links lead there."""
