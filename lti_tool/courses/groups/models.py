"""Groupings (sets of groups) of a course, their groups and members."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.courses.models import SharedCourse

BY_HAND, AT_RANDOM, FROM_HOME, BY_CHOICE = "hand", "random", "home", "choice"
WAYS = (BY_HAND, AT_RANDOM, FROM_HOME, BY_CHOICE)
"""The host places pupils; dealt out evenly by school; as the groups of the LMS courses; pupils choose."""


class Grouping(Dated, Base):
    """A set of groups: everybody is in at most one of them."""

    __tablename__ = "grouping"
    __table_args__ = (Index(None, "course_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    title: Mapped[str] = mapped_column(String(200))
    way: Mapped[str] = mapped_column(String(10))
    """One of WAYS."""
    most: Mapped[int | None]
    """Pupils of one group at most, where they choose; None: any number."""
    choose_until: Mapped[datetime | None]
    newcomers: Mapped[bool] = mapped_column(default=False)
    """Who comes later is put into the smallest group by itself."""

    course: Mapped[SharedCourse] = relationship(lazy="joined", innerjoin=True)


class Group(Dated, Base):
    """One group."""

    __tablename__ = "course_group"
    __table_args__ = (Index(None, "grouping_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grouping_id: Mapped[int] = mapped_column(ForeignKey("grouping.id"))
    title: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]

    grouping: Mapped[Grouping] = relationship(lazy="joined", innerjoin=True)


class GroupMember(Dated, Base):
    """A pupil in a group; kept when the pupil leaves the course, so that coming back leads into the same group."""

    __tablename__ = "course_group_member"
    __table_args__ = (
        UniqueConstraint("grouping_id", "identity_id"),
        Index(None, "group_id"),
        Index(None, "identity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    grouping_id: Mapped[int] = mapped_column(ForeignKey("grouping.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("course_group.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))


class ActivityGrouping(Base):
    """The set of groups an activity uses."""

    __tablename__ = "activity_grouping"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    grouping_id: Mapped[int] = mapped_column(ForeignKey("grouping.id"), index=True)
