"""What a search reads: a narrow row for filters and counts, a row of stems, and searches that people keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated, table_of
from lti_tool.core.search import index_stems

TEXT_COLUMNS = ("title", "labels", "summary", "body")


class ResourceEntry(Base):
    """A published resource as lists and counts need it; written with every change of the resource."""

    __tablename__ = "resource_entry"
    __table_args__ = (
        Index(None, "published_at", "id"),
        Index(None, "used", "id"),
        Index(None, "rating", "id"),
        Index(None, "organization_id", "reach"),
        Index(None, "changed_at"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True, autoincrement=False)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    reach: Mapped[int]
    """Position of its visibility in VISIBILITIES."""
    kind: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(5))
    licence: Mapped[str] = mapped_column(String(20))
    subjects: Mapped[str] = mapped_column(String(500))
    levels: Mapped[str] = mapped_column(String(200))
    uses: Mapped[str] = mapped_column(String(200))
    """Codes with commas between them."""
    published_at: Mapped[datetime]
    used: Mapped[int] = mapped_column(default=0)
    rating: Mapped[float] = mapped_column(default=0.0)
    """Pulled towards the middle while there are few ratings."""
    changed_at: Mapped[datetime]


class ResourceText(Base):
    """The stems of a published resource."""

    __tablename__ = "resource_text"

    id: Mapped[int] = mapped_column(
        ForeignKey("resource_entry.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    title: Mapped[str] = mapped_column(Text)
    labels: Mapped[str] = mapped_column(Text)
    """Keywords, subjects in words, authors."""
    summary: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    """The text itself, and tokens by which filters find it."""


index_stems(table_of(ResourceText), TEXT_COLUMNS)


class SavedSearch(Dated, Base):
    """A search somebody comes back to; what is new since then is shown to them."""

    __tablename__ = "saved_search"
    __table_args__ = (Index(None, "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(200))
    asked: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    """The parameters of its address."""
    seen_at: Mapped[datetime]
    """When it was last opened."""
