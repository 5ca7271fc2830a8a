"""Shared courses: activities, who takes part from which context, submissions and grades."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from lti_tool.contexts.models import Context
from lti_tool.core.db import Base, Dated
from lti_tool.files.models import StoredFile
from lti_tool.grades.scales import Scale
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity

DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"
PAGE, RESOURCE, ASSIGNMENT = "page", "resource", "assignment"
ACTIVE, CLOSED = "active", "closed"
OWN, PARTNERS, HUB = "own", "partners", "hub"
VISIBILITIES = (OWN, PARTNERS, HUB)
"""The host's own organization; its partners under an agreement in force; everybody in the hub who has the code."""
FINISH, CLOSE = "finish", "close"
PROPOSED, AGREED, DECLINED, WITHDRAWN, REPLACED = "proposed", "agreed", "declined", "withdrawn", "replaced"


class SharedCourse(Dated, Base):
    """A course that one organization hosts and pupils of several take."""

    __tablename__ = "shared_course"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    """The host."""
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    """Markdown."""
    language: Mapped[str] = mapped_column(String(5), default="ru")
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    visibility: Mapped[str] = mapped_column(String(10), default=HUB)
    """Whose teachers may bring it into an LMS course: OWN, PARTNERS or HUB; see partners.py."""
    join_code: Mapped[str] = mapped_column(String(16), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    """Optimistic lock: a form carries the version it was made from."""
    archived_from: Mapped[str | None] = mapped_column(String(10))
    """The state an archived course had before."""
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("shared_course.id"), index=True)
    """The course whose content it was made from, such as that of the year before."""

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)

    @property
    def resource_id(self) -> str:
        """The name of the column for the whole course, in gradebooks that have one."""
        return f"course-{self.id}"

    @property
    def is_readable(self) -> bool:
        """Pupils of classes that take part may read it: also when it is archived, unless it was a draft."""
        return PUBLISHED in (self.state, self.archived_from)


class CourseTeacher(Dated, Base):
    """A teacher of the host who may edit the course and grade everyone."""

    __tablename__ = "course_teacher"
    __table_args__ = (UniqueConstraint("course_id", "identity_id"), Index(None, "identity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))

    identity: Mapped[Identity] = relationship()


class CourseOffer(Dated, Base):
    """The course is offered to this organization: its teachers find it in their list without a code."""

    __tablename__ = "course_offer"
    __table_args__ = (UniqueConstraint("course_id", "organization_id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))

    organization: Mapped[Organization] = relationship()


class Participation(Dated, Base):
    """One shared course in one context; its learners are the course's pupils of that school."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("course_id", "context_id"), Index(None, "context_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    state: Mapped[str] = mapped_column(String(10), default=ACTIVE)
    full_names: Mapped[bool] = mapped_column(default=False)
    """The home school lets the host's teachers see its pupils' full names."""
    joined_by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    after_agreement: Mapped[str] = mapped_column(String(10), default="")
    """What was decided for the time after the agreement: FINISH or CLOSE; empty: nothing yet, which is FINISH."""
    seats: Mapped[int | None]
    """The most of its pupils who may have a place under seat rules; None: as many as there is room for."""
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of these, kept free for the class."""

    course: Mapped[SharedCourse] = relationship()
    context: Mapped[Context] = relationship(lazy="joined", innerjoin=True)


class ScaleTreaty(Dated, Base):
    """What host and partner agree on about the values in one school's gradebook; see grades.scales.

    proposed → agreed | declined | withdrawn; agreed → replaced by the next. Without one, points are sent as they are.
    """

    __tablename__ = "scale_treaty"
    __table_args__ = (
        Index(
            "uq_scale_treaty_proposed",
            "participation_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        Index(
            "uq_scale_treaty_agreed",
            "participation_id",
            unique=True,
            sqlite_where=text("state = 'agreed'"),
            postgresql_where=text("state = 'agreed'"),
        ),
        Index(None, "participation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    thresholds: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Percent as decimal strings."""
    lowest: Mapped[int] = mapped_column(default=2)
    rounding: Mapped[str] = mapped_column(String(10), default="exact")
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    by_host: Mapped[bool]
    """The host's side proposed it; the other side answers."""
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it was declined; the other side reads it."""
    frozen_until: Mapped[date]
    """The last day of the term it is meant for: once agreed, nobody proposes another before it is over."""

    participation: Mapped[Participation] = relationship()

    @property
    def scale(self) -> Scale:
        return Scale(self.kind, tuple(map(Decimal, self.thresholds)), self.lowest, self.rounding)


class CourseUnit(Dated, Base):
    """A part of a course: a topic, a week; its activities come one after the other."""

    __tablename__ = "course_unit"
    __table_args__ = (Index(None, "course_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    """Markdown."""
    position: Mapped[int] = mapped_column(default=0)
    published: Mapped[bool] = mapped_column(default=True)
    available_from: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Activity(Dated, Base):
    """Something to read or to do; what its kind keeps beyond this is in the kind's own room, see kinds.py."""

    __tablename__ = "activity"
    __table_args__ = (Index(None, "course_id", "position"), Index(None, "unit_id"), Index(None, "after_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    """Markdown: the page, or what is to be done."""
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("course_unit.id"))
    """None: before the first unit."""
    position: Mapped[int] = mapped_column(default=0)
    """Within the unit."""
    published: Mapped[bool] = mapped_column(default=True)
    points: Mapped[float | None]
    """Maximum of a graded activity, which has a column in every school's gradebook; None: not graded."""
    due_at: Mapped[datetime | None]
    available_from: Mapped[datetime | None]
    available_until: Mapped[datetime | None]
    """Pupils may do something from then on, and until then."""
    after_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    """Opens for a pupil who has done that one."""
    deleted_at: Mapped[datetime | None]
    """Taken out by the host; what pupils handed in and their grades stay."""
    asks_done: Mapped[bool] = mapped_column(default=False)
    """Pupils say that they have read it; they do so anyway where something comes after it."""
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    """The activity of the course before that it was made from, such as that of last year."""
    version: Mapped[int] = mapped_column(default=1)

    course: Mapped[SharedCourse] = relationship(lazy="joined", innerjoin=True)
    unit: Mapped[CourseUnit | None] = relationship()
    after: Mapped[Activity | None] = relationship(remote_side="Activity.id", foreign_keys="Activity.after_id")

    @property
    def resource_id(self) -> str:
        """The name of its column in every school's gradebook."""
        return f"activity-{self.id}"

    @property
    def is_graded(self) -> bool:
        return self.points is not None


class ActivityFile(Dated, Base):
    """A file that belongs to an activity's content; copies of the activity share it."""

    __tablename__ = "activity_file"
    __table_args__ = (UniqueConstraint("activity_id", "file_id"), Index(None, "file_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class Submission(Dated, Base):
    """What one pupil did for one activity, of whatever kind: begun, handed in, done."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("activity_id", "identity_id"),
        Index(None, "identity_id"),
        Index(None, "participation_id", "identity_id", "handed_in_at"),
        Index(
            "ix_submission_waiting",
            "activity_id",
            "identity_id",
            sqlite_where=text("handed_in_at IS NOT NULL AND settled IS 0"),
            postgresql_where=text("handed_in_at IS NOT NULL AND settled IS FALSE"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"))
    draft: Mapped[str] = mapped_column(Text, default="")
    """Typed and not handed in yet."""
    draft_at: Mapped[datetime | None]
    """When the draft was last saved; None: nothing differs from what was handed in."""
    draft_tab: Mapped[str] = mapped_column(String(32), default="")
    """The browser tab that saved last: a tab may overwrite itself, another one must have seen the newest version."""
    text: Mapped[str] = mapped_column(Text, default="")
    handed_in_at: Mapped[datetime | None]
    """When a teacher was given something to look at, last."""
    done_at: Mapped[datetime | None]
    """When the pupil had done what the kind asks for, first; opens what comes after it."""
    settled: Mapped[bool] = mapped_column(default=False)
    """What was handed in last has a grade. It may be false where there is one, never the other way round: what waits for
    a teacher is found by it, without a look at everything that was ever graded."""
    own_due_at: Mapped[datetime | None]
    """The due date of an extension; None: the activity's."""
    waits_again: Mapped[bool] = mapped_column(default=False)
    """Handed in once more after a grade, and not looked at since."""
    version: Mapped[int] = mapped_column(default=1)

    @validates("handed_in_at")
    def _waits(self, _name: str, moment: datetime | None) -> datetime | None:
        """Whatever is handed in, first or once more, is looked at anew."""
        self.settled = False
        return moment

    @property
    def is_late(self) -> bool:
        """Handed in after the due date."""
        due_at = self.own_due_at or self.activity.due_at
        return due_at is not None and self.handed_in_at is not None and self.handed_in_at > due_at

    activity: Mapped[Activity] = relationship()
    identity: Mapped[Identity] = relationship()
    participation: Mapped[Participation] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(back_populates="submission", order_by="SubmissionFile.id")


class SubmissionFile(Dated, Base):
    """A file of a submission; handing in makes the changes since the last time visible to the host."""

    __tablename__ = "submission_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    from_version: Mapped[int | None]
    """The first version handed in that has it; None: not handed in yet."""
    until_version: Mapped[int | None]
    """The first version that no longer has it; None: the newest has it."""
    removing: Mapped[bool] = mapped_column(default=False)
    """Handed in once, and left out of what the pupil will hand in next."""

    submission: Mapped[Submission] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)

    @property
    def handed_in(self) -> bool:
        """Seen by the host's teachers."""
        return self.from_version is not None

    def is_in(self, version: int) -> bool:
        """Was it part of this version handed in?"""
        began = self.from_version is not None and self.from_version <= version
        return began and (self.until_version is None or self.until_version > version)


class Grade(Dated, Base):
    """The host's mark for one pupil's activity, in the activity's own points and in the school's scale.

    Delivery is the grades feature's.
    """

    __tablename__ = "grade"
    __table_args__ = (
        UniqueConstraint("activity_id", "identity_id"),
        Index(None, "identity_id"),
        Index(None, "graded_by_id"),
        Index(None, "participation_id", "identity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"))
    points: Mapped[float]
    home_value: Mapped[float | None]
    """In the school's own scale, as it is sent to the gradebook under the treaty; None: the points are."""
    home_maximum: Mapped[float | None]
    treaty_id: Mapped[int | None] = mapped_column(ForeignKey("scale_treaty.id"))
    comment: Mapped[str] = mapped_column(Text, default="")
    graded_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    """None: brought in from the command line."""
    graded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    activity: Mapped[Activity] = relationship()
    identity: Mapped[Identity] = relationship(foreign_keys=[identity_id])
    participation: Mapped[Participation] = relationship()
    treaty: Mapped[ScaleTreaty | None] = relationship(lazy="joined")
