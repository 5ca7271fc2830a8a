"""Who has a calendar address."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated


class CalendarFeed(Dated, Base):
    """One person's address in force. A new one replaces the row's name, and the old address leads nowhere."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"), unique=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    """A random word. The address holds it signed, so that a copy of the database opens no calendar."""
    as_pupil: Mapped[bool] = mapped_column(default=True)
    """Made as a pupil, whom a missing consent of a guardian holds back here as well."""
