"""Privacy: what an organization asks, its texts in versions, where each person stands, and the history of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, Dated

BUILT_IN = 0
"""The number of the version in force while an organization has published none: the text of `builtin`."""
DRAFT = 0
"""The number of the text that is being written: there is no such version yet."""
UNANSWERED, GIVEN, REFUSED, WITHDRAWN = "", "given", "refused", "withdrawn"
"""States of a person's own consent."""
CONFIRMED, REVOKED = "guardian_confirmed", "guardian_revoked"
"""Kinds of PrivacyEvent beside the states above."""


class PrivacySetting(Base):
    """What an organization asks of its people; without a row: the built-in notice, and no consent."""

    __tablename__ = "privacy_setting"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True, autoincrement=False)
    requires_consent: Mapped[bool] = mapped_column(default=False)
    required_since: Mapped[datetime | None]
    """Since when consent is asked for; None: it is not."""
    guardian: Mapped[bool] = mapped_column(default=False)
    """A pupil also needs the confirmation that a guardian has agreed."""
    teachers_confirm: Mapped[bool] = mapped_column(default=False)
    """Teachers may confirm it for pupils of their own LMS courses."""
    contact: Mapped[str] = mapped_column(String(300), default="")
    """Whom to ask about data at the organization; empty: its contacts."""
    current: Mapped[int] = mapped_column(default=BUILT_IN)
    """Number of the version in force."""
    ask_from: Mapped[int] = mapped_column(default=BUILT_IN)
    """An answer to an older version than this no longer counts."""


class PrivacyText(Dated, Base):
    """A version of an organization's texts, in Markdown. Published ones never change; the draft has the number DRAFT."""

    __tablename__ = "privacy_text"
    __table_args__ = (UniqueConstraint("organization_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[int]
    notice_ru: Mapped[str] = mapped_column(Text)
    notice_en: Mapped[str] = mapped_column(Text)
    consent_ru: Mapped[str] = mapped_column(Text)
    consent_en: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    """Counts how often the draft was saved, so that two who write at once notice."""
    ask_again: Mapped[bool] = mapped_column(default=False)
    """Everybody was to be asked anew when this version was published."""
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None]


class PrivacyStanding(Base):
    """Where a person stands with an organization at present; the history is in PrivacyEvent."""

    __tablename__ = "privacy_standing"
    __table_args__ = (UniqueConstraint("organization_id", "person_id"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10), default=UNANSWERED)
    version: Mapped[int] = mapped_column(default=BUILT_IN)
    """The version the state is about."""
    answered_at: Mapped[datetime | None]
    as_pupil: Mapped[bool] = mapped_column(default=True)
    """Answered as somebody for whom a guardian has to agree as well."""
    noted: Mapped[int | None]
    """The version whose note this person has put away."""
    guardian: Mapped[bool] = mapped_column(default=False)
    """The organization has confirmed that a guardian agrees, or that none is needed."""


class PrivacyEvent(Base):
    """A line of a person's history of consent; lines are only ever added."""

    __tablename__ = "privacy_event"
    __table_args__ = (
        Index(None, "organization_id", "person_id"),
        Index(None, "person_id"),
        Index(None, "by_person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(20))
    """GIVEN, REFUSED, WITHDRAWN, CONFIRMED or REVOKED."""
    version: Mapped[int]
    """Of the texts in force."""
    at: Mapped[datetime]
    by_person_id: Mapped[int]
    basis: Mapped[str] = mapped_column(String(100), default="")
    """Number and date of the paper; no names."""
