"""What was told of an activity already, and when somebody was in a course last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, utcnow

OPENED, DUE = "opened", "due"


class ActivityTold(Base):
    """Pupils were told that it opened, or that it is due: once for each due date."""

    __tablename__ = "activity_told"
    __table_args__ = (UniqueConstraint("activity_id", "what"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    what: Mapped[str] = mapped_column(String(40))
    """OPENED, or DUE with the moment."""
    at: Mapped[datetime] = mapped_column(default=utcnow)


class CourseVisit(Base):
    """When somebody looked at a course last, and the time before that."""

    __tablename__ = "course_visit"
    __table_args__ = (UniqueConstraint("identity_id", "course_id"), Index(None, "course_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    seen_at: Mapped[datetime]
    before_at: Mapped[datetime | None]
    """The end of the visit before this one; what is newer is new."""
