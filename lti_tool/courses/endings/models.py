"""Mails that an agreement ends soon."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin


class EndingMail(OutboxMixin, Dated, Base):
    """One mail to one person about one last day: waiting → sending → sent | failed. Another last day is told anew."""

    __tablename__ = "ending_mail"
    __table_args__ = (
        UniqueConstraint("agreement_id", "person_id", "last_day"),
        Index(None, "state", "due_at"),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    last_day: Mapped[date]
    address: Mapped[str | None] = mapped_column(String(255))
    """Where it goes; None once it is over."""
    locale: Mapped[str] = mapped_column(String(5))
