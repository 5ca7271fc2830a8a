"""Imports, what each was given, and what became of each entry."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.exchange.models import Resource
from lti_tool.files.models import StoredFile

PACKAGE, FILES, DESCRIPTIONS, LINKS, ADDRESS = "package", "files", "descriptions", "links", "address"
SOURCES = (PACKAGE, FILES, LINKS, DESCRIPTIONS, ADDRESS)
WAITING, RUNNING, DONE, FAILED, UNDONE = "waiting", "sending", "done", "failed", "undone"
"""States of an Import; the outbox calls a row that a worker has `sending`."""
IMPORTED, DOUBLE, REFUSED = "imported", "double", "refused"
PURPOSE = "import"
"""Of stored files that an import is to read."""


class Import(OutboxMixin, Dated, Base):
    """Something brought in: waiting → running → done | failed, and done → waiting → running → undone when `undoing`."""

    __tablename__ = "resource_import"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "person_id", "id"),
        Index(None, "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(String(12))
    """One of SOURCES."""
    title: Mapped[str] = mapped_column(String(200), default="")
    """What the source calls itself."""
    url: Mapped[str] = mapped_column(String(1000), default="")
    described: Mapped[dict[str, Any]]
    """What is said about everything in it: see operations.Order."""
    total: Mapped[int] = mapped_column(default=0)
    """Entries, once the source was opened."""
    done: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(String(20), default="")
    """Why nothing at all could be read: a code of wording.FAULTS."""
    undoing: Mapped[bool] = mapped_column(default=False)

    files: Mapped[list[ImportFile]] = relationship(order_by="ImportFile.position")

    @property
    def is_busy(self) -> bool:
        return self.state in (WAITING, RUNNING)


class ImportFile(Base):
    """A file an import reads; it goes when the import is over, unless it became a resource's."""

    __tablename__ = "resource_import_file"
    __table_args__ = (Index(None, "import_id", "position"), Index(None, "file_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("resource_import.id"))
    position: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class ImportEntry(Base):
    """A line of an import's report."""

    __tablename__ = "resource_import_entry"
    __table_args__ = (Index(None, "import_id", "position", unique=True), Index(None, "resource_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("resource_import.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(300), default="")
    """Where it stood in the source."""
    folder: Mapped[str] = mapped_column(String(200), default="")
    """The collection it belongs to."""
    outcome: Mapped[str] = mapped_column(String(10))
    """IMPORTED, DOUBLE or REFUSED."""
    reason: Mapped[str] = mapped_column(String(20), default="")
    """Why it was refused: a code of wording.REASONS."""
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"))
    """What was made of it, or what it is a double of."""

    resource: Mapped[Resource | None] = relationship()
