"""Copies of everything about a person, made to be downloaded, and people of an LMS who are not to come back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin

WAITING, MAKING, READY, FAILED = "waiting", "sending", "ready", "failed"
"""States of a Copy; the outbox calls a row that a worker has `sending`."""


class Copy(OutboxMixin, Dated, Base):
    """A file with everything about a person, for whoever asked for it: waiting → making → ready | failed."""

    __tablename__ = "person_copy"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "person_id"), Index(None, "asked_by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    """Only what this organization holds; None: everything."""
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Nobody else may fetch it."""
    locale: Mapped[str] = mapped_column(String(5))
    time_zone: Mapped[str] = mapped_column(String(50))
    file_key: Mapped[str] = mapped_column(String(80), default="")
    """Where it is in the storage; empty until it is ready."""
    size: Mapped[int] = mapped_column(default=0)
    """Bytes."""
    expires_at: Mapped[datetime]


class RefusedSub(Dated, Base):
    """Somebody of an LMS who was erased and is not to be let in, nor taken from a list of participants, again."""

    __tablename__ = "refused_sub"
    __table_args__ = (UniqueConstraint("registration_id", "sub"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    sub: Mapped[str] = mapped_column(String(255))
    """The only thing that is kept: without it nobody could be recognized."""
    by_person_id: Mapped[int | None]
    """The coordinator who said so; None: the command line."""
