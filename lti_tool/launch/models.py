"""What launches leave behind for a while: used states, launches that wait for a click in a new tab, and content
selections a teacher is in the middle of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated


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


class ContentSelection(Dated, Base):
    """A deep linking request a teacher is answering: bound to who opened it, answered once."""

    __tablename__ = "content_selection"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    context_id: Mapped[int | None] = mapped_column(ForeignKey("context.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    """As the platform calls it."""
    settings: Mapped[dict[str, Any]]
    """DeepLinkingSettings.to_json(); holds the return address, so the row goes once it is over."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
