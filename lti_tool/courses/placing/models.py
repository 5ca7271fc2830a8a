"""The one column some gradebooks have for a whole course."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base
from lti_tool.core.jobs import OutboxMixin


class CourseTotal(OutboxMixin, Base):
    """A class whose gradebook has a column for the whole course: its pupils' totals are compared and sent again and again.

    waiting → sending (a worker has it) → waiting, with a later `due_at`.
    """

    __tablename__ = "course_total"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(ForeignKey("participation.id"), primary_key=True)
    """The participation's."""
