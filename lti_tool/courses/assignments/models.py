"""What an assignment keeps: its settings, the versions handed in, marks, rubrics, extensions, and what is given back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.courses.models import Activity, Participation, Submission, SubmissionFile
from lti_tool.files.models import StoredFile
from lti_tool.people.models import Identity

TEXT, FILES = "text", "files"
MARKED, DEDUCTED, REFUSED = "mark", "deduct", "refuse"
"""What becomes of late work: taken and marked as late; points taken off for each day begun; not taken."""
LATE_RULES = (MARKED, DEDUCTED, REFUSED)


class Rubric(Dated, Base):
    """Criteria with levels, as they were from one day on: a rubric that somebody was graded by never changes."""

    __tablename__ = "assignment_rubric"
    __table_args__ = (UniqueConstraint("activity_id", "number"), Index(None, "made_by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """See rubrics.py."""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))


class Assignment(Base):
    """What the teacher decided about one assignment beyond what all activities have."""

    __tablename__ = "assignment"
    __table_args__ = (Index(None, "rubric_id"), Index(None, "released_by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), unique=True)
    accepts: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Of TEXT, FILES."""
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Names of files.kinds.KINDS; empty: any files."""
    most_files: Mapped[int] = mapped_column(default=10)
    most_bytes: Mapped[int] = mapped_column(BigInteger, default=20 * 1024**2)
    late_rule: Mapped[str] = mapped_column(String(10), default=MARKED)
    late_percent: Mapped[float] = mapped_column(default=10.0)
    """Of the points given, for each day begun."""
    late_most: Mapped[float] = mapped_column(default=50.0)
    """Percent that are taken off at most."""
    improves: Mapped[bool] = mapped_column(default=False)
    """A teacher may return a work to be improved, also after a grade."""
    anonymous: Mapped[bool] = mapped_column(default=False)
    """The course's teachers see numbers instead of names until the grades are released."""
    held: Mapped[bool] = mapped_column(default=False)
    """Marks become grades all at once, when somebody releases them."""
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    rubric_id: Mapped[int | None] = mapped_column(ForeignKey("assignment_rubric.id"))
    """None: graded by points alone."""

    rubric: Mapped[Rubric | None] = relationship()

    @property
    def holds_back(self) -> bool:
        """A mark given now is not told to anybody yet."""
        return self.held and self.released_at is None


class AssignmentWork(Base):
    """What is known of a work that was handed in, beside the submission itself."""

    __tablename__ = "assignment_work"
    __table_args__ = (UniqueConstraint("activity_id", "number"), Index(None, "returned_by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    """By which it is called while names are hidden; drawn by lot, so that it says nothing of when it was handed in."""
    returned_at: Mapped[datetime | None]
    """Given back to be improved; None again when the pupil has handed in once more."""
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    returned_why: Mapped[str] = mapped_column(Text, default="")

    submission: Mapped[Submission] = relationship()


class HandIn(Base):
    """A version as it was handed in; its files are those that were in force then, see SubmissionFile."""

    __tablename__ = "hand_in"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text, default="")
    handed_in_at: Mapped[datetime]


class Mark(Base):
    """What a teacher gave a work. It becomes the pupil's Grade at once, or when the marks are released."""

    __tablename__ = "assignment_mark"
    __table_args__ = (
        UniqueConstraint("activity_id", "identity_id"),
        Index(None, "identity_id"),
        Index(None, "participation_id"),
        Index(None, "graded_by_id"),
        Index(None, "rubric_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"))
    points: Mapped[float]
    """Before anything is taken off for being late."""
    days_late: Mapped[int] = mapped_column(default=0)
    """Days begun that something was taken off for."""
    deduction: Mapped[float] = mapped_column(default=0.0)
    """Points taken off."""
    rubric_id: Mapped[int | None] = mapped_column(ForeignKey("assignment_rubric.id"))
    levels: Mapped[list[int]] = mapped_column(JSON, default=list)
    """For each criterion of the rubric the level reached, counted from 0."""
    reckoned: Mapped[float | None]
    """Points by the rubric; the teacher may have given others."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why they are others."""
    comment: Mapped[str] = mapped_column(Text, default="")
    graded_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    """None: brought in from the command line."""
    graded_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    """When it became a grade; None: nobody but the course's teachers knows it."""
    version: Mapped[int] = mapped_column(default=1)
    """That of the grade, once there is one."""

    activity: Mapped[Activity] = relationship()
    identity: Mapped[Identity] = relationship(foreign_keys=[identity_id])
    rubric: Mapped[Rubric | None] = relationship()

    @property
    def final(self) -> float:
        """Points that count."""
        return round(self.points - self.deduction, 2)


class Extension(Dated, Base):
    """Other dates for one pupil, or for a class; a pupil's own go before the class's."""

    __tablename__ = "assignment_extension"
    __table_args__ = (
        UniqueConstraint("activity_id", "identity_id"),
        UniqueConstraint("activity_id", "participation_id"),
        Index(None, "identity_id"),
        Index(None, "participation_id"),
        Index(None, "given_by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    participation_id: Mapped[int | None] = mapped_column(ForeignKey("participation.id"))
    due_at: Mapped[datetime]
    until: Mapped[datetime | None]
    """When it closes for them, in place of the activity's `available_until`; None: as for everybody, but never before `due_at`."""
    reason: Mapped[str] = mapped_column(String(500))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))

    identity: Mapped[Identity | None] = relationship(foreign_keys=[identity_id])
    participation: Mapped[Participation | None] = relationship()
    given_by: Mapped[Identity] = relationship(foreign_keys=[given_by_id])


class FeedbackFile(Dated, Base):
    """A file that a teacher gives with the mark, or an annotated copy of one of the pupil's."""

    __tablename__ = "feedback_file"
    __table_args__ = (
        Index(None, "activity_id", "identity_id"),
        Index(None, "identity_id"),
        Index(None, "of_file_id"),
        Index(None, "by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    """The pupil."""
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    of_file_id: Mapped[int | None] = mapped_column(ForeignKey("submission_file.id"))
    """The pupil's file that it is an annotated copy of."""
    by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
    of_file: Mapped[SubmissionFile | None] = relationship()


class PassageComment(Dated, Base):
    """A teacher's comment on a passage of a typed text."""

    __tablename__ = "passage_comment"
    __table_args__ = (Index(None, "hand_in_id"), Index(None, "by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hand_in_id: Mapped[int] = mapped_column(ForeignKey("hand_in.id"))
    start: Mapped[int]
    stop: Mapped[int]
    """Characters of the version's text, from the first to before the second."""
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
