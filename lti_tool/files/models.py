"""Files that people bring, and uploads that are still under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.core.storage import MAX_NAME, Begun

UNCHECKED, CHECKING, CLEAN, INFECTED = "unchecked", "checking", "clean", "infected"
"""What is known of viruses: nothing, as this installation does not look; not yet; none found; one found."""
ERASED = "erased"
"""Instead of these: the content went with whoever brought it."""


class StoredFile(Dated, Base):
    """A whole file. It belongs to whoever brought it until a feature takes it, and is swept away if none does."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index(None, "person_id", "kept_at"),
        Index(None, "organization_id"),
        Index(None, "kept_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    """Of whoever brought it; None: an operator."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """In core.storage."""
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    media_type: Mapped[str] = mapped_column(String(100))
    """Found by the content, one of kinds; texts with their charset."""
    sha256: Mapped[str] = mapped_column(String(64))
    fault: Mapped[str] = mapped_column(String(20), default="")
    """What a look inside found: one of inspection's faults, or nothing."""
    purpose: Mapped[str] = mapped_column(String(40), default="")
    """What the feature that took it calls it; empty until then."""
    kept_at: Mapped[datetime | None]
    """When a feature took it."""
    virus_state: Mapped[str] = mapped_column(String(10), default=UNCHECKED)
    """One of UNCHECKED, CHECKING, CLEAN, INFECTED; ERASED."""

    @property
    def is_open(self) -> bool:
        """May anybody have its content?"""
        return self.virus_state in (UNCHECKED, CLEAN)


class Upload(Dated, Base):
    """A file on its way, in pieces (tus 1.0). Kept for a while after the last one, in case its answer was lost."""

    __tablename__ = "upload"
    __table_args__ = (Index(None, "person_id", "expires_at"), Index(None, "organization_id", "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    """In its address; of no use to anybody but the person."""
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    kinds: Mapped[str] = mapped_column(String(60))
    """Names of kinds that the page takes, in a list with spaces."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes, as declared."""
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes that are safe."""
    key: Mapped[str] = mapped_column(String(64))
    handle: Mapped[str] = mapped_column(Text)
    """What the storage calls the upload."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    held_until: Mapped[datetime | None]
    """A piece is being written; no other may be."""
    held_by: Mapped[str | None] = mapped_column(String(120))
    """The process that writes, as jobs.worker_name."""
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"), index=True)
    """The whole file."""

    @property
    def begun(self) -> Begun:
        return Begun(self.key, self.handle)

    @property
    def is_complete(self) -> bool:
        return self.received == self.size


class VirusCheck(OutboxMixin, Dated, Base):
    """A file that clamd shall look at. Final states: done, failed."""

    __tablename__ = "virus_check"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), unique=True)
