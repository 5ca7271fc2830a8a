"""What the catalogue says of a course, how many may come from where, who asked, and who has a place.

A *seat* is one pupil's place in one course. *Seat rules* are an Offering with `limited`; without them everybody in a
class that takes part is a pupil, and no Seat is kept.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.contexts.models import Context
from lti_tool.core.db import Base, Dated
from lti_tool.courses.models import SharedCourse
from lti_tool.people.models import Identity

SUBJECTS = (
    "mathematics",
    "informatics",
    "physics",
    "chemistry",
    "biology",
    "ecology",
    "geography",
    "history",
    "society",
    "language",
    "literature",
    "foreign",
    "arts",
    "technology",
    "sport",
    "career",
    "other",
)
REQUESTED, APPROVED, ACCEPTED, DECLINED, WITHDRAWN = "requested", "approved", "accepted", "declined", "withdrawn"
OPEN = (REQUESTED, APPROVED)
"""States of a request that waits for the home coordinator, or for the host."""
SEATED, WAITING, DROPPED, FREED = "seated", "waiting", "dropped", "freed"
"""Has a place; stands in the line; withdrawn by the home teacher; left, and the place went to the next."""
BY_TEACHERS, WITH_SEATS, ALWAYS = "teachers", "seats", "always"
APPROVALS = (BY_TEACHERS, WITH_SEATS, ALWAYS)
"""A school's own rule: teachers ask and join without approval; courses with seat rules need it; every course does."""


class Offering(Dated, Base):
    """What schools read about a course before they take part, and how many pupils it has room for."""

    __tablename__ = "course_offering"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"), unique=True)
    listed: Mapped[bool] = mapped_column(default=True)
    """In the catalogue of every school the course is open to; else only of those it is offered to."""
    subject: Mapped[str] = mapped_column(String(20), default="other")
    """One of SUBJECTS."""
    grade_from: Mapped[int | None]
    """School years, from 1."""
    grade_to: Mapped[int | None]
    hours: Mapped[int | None]
    """Of teaching, in all."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    asked: Mapped[str] = mapped_column(Text, default="")
    """What partners are asked for. Markdown."""
    add_until: Mapped[date | None]
    """The last day on which pupils and classes come in and the waiting list moves; by the host's clock."""
    drop_until: Mapped[date | None]
    """The last day on which a pupil is withdrawn without a reason."""
    limited: Mapped[bool] = mapped_column(default=False)
    """The seat rules hold: only who has a Seat is a pupil."""
    reserve: Mapped[int] = mapped_column(default=0)
    """Seats that belong to no school: whoever comes first."""
    accept_automatically: Mapped[bool] = mapped_column(default=False)
    """Requests are accepted as long as there are free seats for all that is asked."""
    version: Mapped[int] = mapped_column(default=1)

    course: Mapped[SharedCourse] = relationship(lazy="joined", innerjoin=True)


class Quota(Base):
    """Seats of a course that belong to one organization."""

    __tablename__ = "seat_quota"
    __table_args__ = (UniqueConstraint("course_id", "organization_id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    seats: Mapped[int]


class Seat(Dated, Base):
    """One pupil's place in one course with seat rules, or in the line for it."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("course_id", "identity_id"),
        Index(None, "course_id", "state", "line"),
        Index(None, "identity_id"),
        Index(None, "participation_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"))
    """The class it counts for; the first one of a pupil in two."""
    state: Mapped[str] = mapped_column(String(10))
    """SEATED, WAITING, DROPPED or FREED."""
    line: Mapped[int]
    """The order in the line of the whole course; never the number people read, which counts those before."""
    since: Mapped[datetime]
    """When the present state began."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why the pupil was withdrawn; the host reads it."""
    late: Mapped[bool] = mapped_column(default=False)
    """Withdrawn after the drop date."""

    identity: Mapped[Identity] = relationship(lazy="joined", innerjoin=True)


_OPEN: Any = text("state in ('requested', 'approved')")


class SeatRequest(Dated, Base):
    """A teacher asks for seats for a class.

    requested → approved (by the home coordinator, or the school's own rule) → accepted (by the host, or the course's
    rule); declined by either with a reason; withdrawn by the teacher. Accepted, it is a Participation.
    """

    __tablename__ = "seat_request"
    __table_args__ = (
        Index(
            "uq_seat_request_open", "course_id", "context_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index(None, "course_id", "state"),
        Index(None, "context_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    seats: Mapped[int | None]
    """None: for the whole class, whatever its size."""
    message: Mapped[str] = mapped_column(String(1000), default="")
    full_names: Mapped[bool] = mapped_column(default=False)
    host_agreed: Mapped[bool] = mapped_column(default=False)
    """Made with a join code or an offer of the host, which is the host's acceptance."""
    state: Mapped[str] = mapped_column(String(10), default=REQUESTED)
    approved_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """When it was accepted, declined or withdrawn."""
    declined_by_host: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(500), default="")

    course: Mapped[SharedCourse] = relationship(lazy="joined", innerjoin=True)
    context: Mapped[Context] = relationship(lazy="joined", innerjoin=True)
    asked_by: Mapped[Identity] = relationship(lazy="joined", innerjoin=True)


class SchoolRule(Dated, Base):
    """What a school decides about its teachers' requests."""

    __tablename__ = "school_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), unique=True)
    approval: Mapped[str] = mapped_column(String(10), default=WITH_SEATS)
    """One of APPROVALS; without a row WITH_SEATS."""
