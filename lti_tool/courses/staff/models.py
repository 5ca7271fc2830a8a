"""Invitations of teachers to a course, and the comments they leave on works."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.courses.models import SharedCourse
from lti_tool.people.models import Identity

SEE, COMMENT, GRADE, TEACH = "see", "comment", "grade", "teach"
LEVELS = (SEE, COMMENT, GRADE, TEACH)
"""Each may what those before it may. TEACH: a co-teacher of the host, who edits the course as its author does."""
INVITED, ACCEPTED, DECLINED, REMOVED = "invited", "accepted", "declined", "removed"


class CourseTutor(Dated, Base):
    """A teacher invited to a course.

    invited → accepted | declined; removed by the host, or left, at any time; a new invitation begins anew.
    """

    __tablename__ = "course_tutor"
    __table_args__ = (UniqueConstraint("course_id", "identity_id"), Index(None, "identity_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    level: Mapped[str] = mapped_column(String(10))
    """One of LEVELS."""
    everybody: Mapped[bool]
    """Pupils of all schools; else only those of the classes the tutor teaches."""
    state: Mapped[str] = mapped_column(String(10), default=INVITED)
    answered_at: Mapped[datetime | None]

    course: Mapped[SharedCourse] = relationship(lazy="joined", innerjoin=True)
    identity: Mapped[Identity] = relationship(lazy="joined", innerjoin=True)


class Remark(Dated, Base):
    """A teacher's or tutor's comment on one pupil's work, beside the grade; the pupil reads it."""

    __tablename__ = "work_remark"
    __table_args__ = (Index(None, "activity_id", "identity_id"), Index(None, "identity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    """The pupil."""
    author_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    text: Mapped[str] = mapped_column(Text)

    author: Mapped[Identity] = relationship(lazy="joined", innerjoin=True, foreign_keys=[author_id])
