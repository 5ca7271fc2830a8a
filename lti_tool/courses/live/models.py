"""What a live session keeps beyond its activity. It begins at the activity's `due_at`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base
from lti_tool.core.jobs import OutboxMixin
from lti_tool.courses.models import Activity

LINK, BIGBLUEBUTTON, JITSI = "link", "bbb", "jitsi"
OPENS_BEFORE = timedelta(minutes=15)
"""Pupils can check in and come into the room from then on, until the end."""


class LiveSession(OutboxMixin, Base):
    """One meeting; as an outbox row it waits for its BigBlueButton room to be opened, again and again while it runs."""

    __tablename__ = "live_session"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), unique=True)
    minutes: Mapped[int] = mapped_column(default=45)
    room: Mapped[str] = mapped_column(String(10), default=LINK)
    """LINK: the address below; else a room of that service, which the installation names."""
    address: Mapped[str] = mapped_column(String(1000), default="")
    recording: Mapped[str] = mapped_column(String(1000), default="")
    """Address of what was recorded, once it is there."""
    room_name: Mapped[str] = mapped_column(String(64))
    """Nobody guesses it."""
    opened_at: Mapped[datetime | None]
    """When the service last said that the room is open."""

    activity: Mapped[Activity] = relationship(lazy="joined", innerjoin=True)

    @property
    def begins(self) -> datetime | None:
        return self.activity.due_at

    @property
    def ends(self) -> datetime | None:
        return self.begins + timedelta(minutes=self.minutes) if self.begins else None

    def is_on(self, now: datetime) -> bool:
        """Can people come in now?"""
        return self.begins is not None and self.begins - OPENS_BEFORE <= now <= self.begins + timedelta(
            minutes=self.minutes
        )
