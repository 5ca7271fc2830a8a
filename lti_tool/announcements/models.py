"""Announcements and who has put one away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated

INFO, MAINTENANCE, URGENT = "info", "maintenance", "urgent"
KINDS = (INFO, MAINTENANCE, URGENT)
EVERYBODY, COORDINATORS, ADMINISTRATORS, TEACHERS = "everybody", "coordinators", "administrators", "teachers"
AUDIENCES = (EVERYBODY, COORDINATORS, ADMINISTRATORS, TEACHERS)
LONGEST = 1000


class Announcement(Dated, Base):
    """A text in both languages, shown from one moment to another."""

    __tablename__ = "announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    """One of KINDS; URGENT cannot be put away."""
    audience: Mapped[str] = mapped_column(String(16))
    """One of AUDIENCES."""
    text_ru: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    """Markdown."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    def text(self, locale: str) -> str:
        """The Markdown in a language."""
        return self.text_ru if locale == "ru" else self.text_en


class Dismissal(Base):
    """A person has read it and put it away."""

    __tablename__ = "announcement_dismissal"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
