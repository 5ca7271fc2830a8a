"""What a discussion keeps beyond its activity. Threads and posts are kept by `lti_tool.discussions`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base

DISCUSSION = "discussion"
EVERYBODY, TEACHERS = "everybody", "teachers"
STARTERS = (EVERYBODY, TEACHERS)


class ActivityDiscussion(Base):
    """How one activity is discussed."""

    __tablename__ = "activity_discussion"

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), unique=True)
    starters: Mapped[str] = mapped_column(String(10), default=EVERYBODY)
    """Who begins threads: one of STARTERS."""
    moderated: Mapped[bool] = mapped_column(default=False)
    """A pupil's first post waits for a teacher."""
    write_first: Mapped[bool] = mapped_column(default=False)
    """A pupil reads the others' posts after having written."""
    least_posts: Mapped[int] = mapped_column(default=1)
    """Who wrote so many has done it."""
