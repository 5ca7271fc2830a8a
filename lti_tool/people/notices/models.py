"""What somebody is told, as a kind and its parameters: the words are made when it is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated, utcnow
from lti_tool.core.jobs import OutboxMixin


class Notice(Base):
    """One thing that one person is told. Told of it once more, it is new again and counts up while it is unread."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("identity_id", "kind", "about"),
        Index(None, "identity_id", "read_at"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    kind: Mapped[str] = mapped_column(String(30))
    """One of those that features register in kinds.py."""
    about: Mapped[str] = mapped_column(String(60))
    """What it is about, such as `activity-40`: the same thing is one notice."""
    number: Mapped[int] = mapped_column(default=1)
    """How many things of the kind it stands for."""
    facts: Mapped[dict[str, Any]]
    """Ids and titles; never a person's name."""
    at: Mapped[datetime] = mapped_column(default=utcnow)
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    """When it went out in a digest."""


class NoticeDigest(OutboxMixin, Dated, Base):
    """Somebody agreed to one mail a day about what is new; without a row nothing is mailed. Due when the next one is."""

    __tablename__ = "notice_digest"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"), unique=True)
    as_pupil: Mapped[bool] = mapped_column(default=True)
    """Agreed as a pupil, whom a missing consent of a guardian holds back here as well."""
