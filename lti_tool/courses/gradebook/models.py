"""What is kept beside the grades: every change of one, what was given to many at once, who is excused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.courses.models import Activity
from lti_tool.people.models import Identity

HAND, MANY, BROUGHT, QUIZ, SCALE, UNDONE = "hand", "many", "import", "quiz", "scale", "undone"
RELEASED = "release"
WAYS = (HAND, MANY, BROUGHT, QUIZ, SCALE, UNDONE, RELEASED)
"""How a grade came to change: by hand, with others, from a file, by a quiz, by a new scale, taken back, released."""


class GradeBatch(Dated, Base):
    """One answer given to many: it can be taken back until `until`, when its grades leave for the schools; marks that are
    held back leave when they are released."""

    __tablename__ = "grade_batch"
    __table_args__ = (Index(None, "activity_id"), Index(None, "by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    count: Mapped[int]
    until: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    activity: Mapped[Activity] = relationship()


class GradeChange(Base):
    """One change of one grade, written in the transaction that makes it; never changed itself."""

    __tablename__ = "grade_change"
    __table_args__ = (
        Index(None, "activity_id", "identity_id"),
        Index(None, "identity_id"),
        Index(None, "by_id"),
        Index(None, "batch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    """None: nobody, but a quiz or the command line."""
    way: Mapped[str] = mapped_column(String(10))
    """One of WAYS."""
    points_before: Mapped[float | None]
    points: Mapped[float | None]
    """None: no grade."""
    value: Mapped[float | None]
    maximum: Mapped[float | None]
    """What is sent to the school's gradebook from then on, and out of how much; no maximum: the activity's own."""
    comment_changed: Mapped[bool] = mapped_column(default=False)
    """The comments themselves are not kept: they may hold what a pupil would not have remembered."""
    held: Mapped[bool] = mapped_column(default=False)
    """It was a mark that nobody was told of: only who may grade reads of it. Nothing is sent, so there is no value."""
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("grade_batch.id"))

    by: Mapped[Identity | None] = relationship(foreign_keys=[by_id])


class Excuse(Dated, Base):
    """A pupil need not do an activity: there is no grade, and nothing counts it. A grade ends it."""

    __tablename__ = "excuse"
    __table_args__ = (UniqueConstraint("activity_id", "identity_id"), Index(None, "identity_id"), Index(None, "by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    """Teachers read it, the pupil does too."""
