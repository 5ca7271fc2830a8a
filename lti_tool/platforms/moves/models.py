"""An LMS that moves to another address: who may say so, what was found there, and the addresses it had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.platforms.models import Registration

OPEN, WAITING, CHECKING, CHECKED, DONE, UNDONE, CANCELLED = (
    "open",
    "waiting",
    "sending",
    "checked",
    "done",
    "undone",
    "cancelled",
)
"""A link is out; the new address was told and is to be looked at; a worker looks (the outbox calls that `sending`); an
operator decides; the registration has moved; it has moved back; nothing comes of it."""
UNDER_WAY = (OPEN, WAITING, CHECKING, CHECKED)


class Move(OutboxMixin, Dated, Base):
    """A registration follows its LMS from one address to another; everything below that address follows.

    open → waiting → sending → checked → done → undone; cancelled at any time before done. A told address may be told
    anew while the link holds.
    """

    __tablename__ = "platform_move"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "registration_id", "state"),
        Index(None, "old_issuer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the code in the link, by which the new address can be told without coming in."""
    expires_at: Mapped[datetime]
    """Until then the link holds."""
    by_operator: Mapped[bool]
    """An operator made the link: then the move needs no second look, provided that the LMS shows its old keys."""
    old_base: Mapped[str] = mapped_column(String(255))
    """What the addresses of the LMS began with when the link was made, without a slash at the end."""
    new_base: Mapped[str | None] = mapped_column(String(255))
    old_issuer: Mapped[str] = mapped_column(String(255))
    """As it was then: launches under it are told that the LMS has moved."""
    findings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the look at the new address found: codes and counts."""
    finished_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship(lazy="joined", innerjoin=True)
