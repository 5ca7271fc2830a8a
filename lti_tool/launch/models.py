"""What launches leave behind for a few minutes: used states, and launches that wait for a click in a new tab."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base


class UsedState(Base):
    """The state of a login that has been answered; its row makes the second answer fail."""

    __tablename__ = "used_state"
    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PendingLaunch(Base):
    """A valid launch from a browser that sent no cookie: it goes on after a click in a new tab, or after the
    platform's storage has proved that it is the same browser."""

    __tablename__ = "pending_launch"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    session: Mapped[dict[str, Any]]
    """What the session will hold."""
    location: Mapped[str] = mapped_column(String(500))
    """Local path the launch leads to."""
    proof_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the state and nonce the platform's storage must give back; None: only the click is possible."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
