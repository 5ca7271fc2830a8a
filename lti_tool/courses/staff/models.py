"""Invitations of teachers to a course."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
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
