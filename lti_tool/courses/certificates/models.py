"""What a course asks for a certificate, and the certificates that were issued."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.people.models import Identity

NONE, CHOSEN, ALL = "none", "chosen", "all"
"""Which activities have to be done: of no concern; those named; all in which there is something to do."""


class CertificateRule(Dated, Base):
    """The rules of one course. Changing them takes back nothing that was issued."""

    __tablename__ = "certificate_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"), unique=True)
    issuing: Mapped[bool] = mapped_column(default=False)
    """Pupils see the rules, and certificates are issued."""
    title: Mapped[str] = mapped_column(String(200), default="")
    """Over the certificate, in the course's language; empty: the course's own title."""
    which: Mapped[str] = mapped_column(String(10), default=NONE)
    least_points: Mapped[int | None]
    """Percent of all points that can be had in the course."""
    least_sessions: Mapped[int | None]
    """Percent of its live sessions."""
    hours: Mapped[int | None]
    programme: Mapped[str] = mapped_column(Text, default="")
    """The part of the programme that the course covers, for whoever credits it."""
    signed_by: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)


class CertificateActivity(Base):
    """One of the activities that have to be done."""

    __tablename__ = "certificate_activity"
    __table_args__ = (UniqueConstraint("rule_id", "activity_id"), Index(None, "activity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("certificate_rule.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))


class Certificate(Dated, Base):
    """A certificate as it was issued. The name is not copied: it is read from the holder, and goes with them."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("course_id", "identity_id"),
        Index(None, "identity_id"),
        Index(None, "participation_id"),
        Index(None, "issued_by_id"),
        Index(None, "revoked_by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"))
    number: Mapped[str] = mapped_column(String(12), unique=True)
    """Cannot be guessed; see numbers.py."""
    issued_on: Mapped[date]
    """The day at the host."""
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    stated: Mapped[dict[str, Any]]
    """What it says, as a Statement; later changes of course and rules do not reach it."""
    shows_name: Mapped[bool] = mapped_column(default=False)
    """The holder lets the public page tell the name."""
    revoked_on: Mapped[date | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    revoked_reason: Mapped[str] = mapped_column(String(500), default="")
    """For the holder and their teachers; the public page does not tell it."""
    holder_erased: Mapped[bool] = mapped_column(default=False)

    course: Mapped[SharedCourse] = relationship()
    identity: Mapped[Identity] = relationship(foreign_keys=[identity_id])
    participation: Mapped[Participation] = relationship()
