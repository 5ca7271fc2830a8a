"""Quizzes: the course's question bank, a quiz made of its questions, and what pupils did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.courses.models import Activity, Submission
from lti_tool.courses.quizzes.questions import Content, Order, restored
from lti_tool.files.models import StoredFile

QUIZ = "quiz"
BEST, LAST, FIRST, AVERAGE = "best", "last", "first", "average"
COUNTS = (BEST, LAST, FIRST, AVERAGE)
RUNNING, FINISHED = "running", "finished"
AFTER, CLOSED = "after", "closed"
"""When a pupil looks back: directly after the attempt, after the quiz has closed."""
MARKS, RIGHT, FEEDBACK = "marks", "right", "feedback"
NONE, DOUBTFUL, NEEDED, DONE = "", "doubtful", "needed", "done"
"""What a person has to do with an answer: nothing; look at it; mark it; has marked it."""
GRACE = timedelta(seconds=30)
"""How long after the deadline answers still arrive: what was sent at the last second over a slow connection."""


class QuestionPool(Dated, Base):
    """A part of the course's question bank: a topic, or the questions a quiz draws from."""

    __tablename__ = "question_pool"
    __table_args__ = (UniqueConstraint("course_id", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    title: Mapped[str] = mapped_column(String(200))


class QuestionPicture(Dated, Base):
    """A picture that texts of questions show as `picture:ID`."""

    __tablename__ = "question_picture"
    __table_args__ = (UniqueConstraint("course_id", "sha256"), Index(None, "file_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the file: the same picture is there once."""

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class BankQuestion(Dated, Base):
    """A question of the course's bank; what it asks is in its versions."""

    __tablename__ = "bank_question"
    __table_args__ = (Index(None, "course_id"), Index(None, "pool_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("shared_course.id"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("question_pool.id"))
    name: Mapped[str] = mapped_column(String(200))
    """For teachers; the beginning of its text where they gave none."""
    kind: Mapped[str] = mapped_column(String(20))
    points: Mapped[float] = mapped_column(default=1.0)
    """What it is worth in a quiz it is put into."""
    version: Mapped[int] = mapped_column(default=1)
    """Of the newest QuestionVersion; also the optimistic lock."""
    deleted_at: Mapped[datetime | None]

    pool: Mapped[QuestionPool | None] = relationship(lazy="joined")
    versions: Mapped[list[QuestionVersion]] = relationship(back_populates="question", order_by="QuestionVersion.number")


class QuestionVersion(Dated, Base):
    """What a question asks, once and for all: an attempt keeps the version it was given."""

    __tablename__ = "question_version"
    __table_args__ = (UniqueConstraint("question_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("bank_question.id"))
    number: Mapped[int]
    kept: Mapped[dict[str, Any]]

    question: Mapped[BankQuestion] = relationship(back_populates="versions")

    @property
    def content(self) -> Content:
        return restored(self.kept)


class Quiz(Dated, Base):
    """How a quiz is taken; the activity it belongs to has title, points and dates."""

    __tablename__ = "quiz"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    attempts: Mapped[int] = mapped_column(default=1)
    """How many a pupil has; 0: any number."""
    counts: Mapped[str] = mapped_column(String(10), default=BEST)
    minutes: Mapped[int | None]
    """Time for an attempt; None: until the quiz closes."""
    pass_percent: Mapped[int | None]
    per_page: Mapped[int] = mapped_column(default=1)
    """Questions on a page; 0: all on one."""
    shuffle_questions: Mapped[bool] = mapped_column(default=False)
    shuffle_options: Mapped[bool] = mapped_column(default=True)
    shown: Mapped[list[str]] = mapped_column(JSON, default=list)
    """What a pupil sees when: `after-marks`, `closed-right`…"""

    activity: Mapped[Activity] = relationship()


class QuizSlot(Dated, Base):
    """A place in a quiz: one question, or some drawn at random from a pool."""

    __tablename__ = "quiz_slot"
    __table_args__ = (Index(None, "activity_id", "position"), Index(None, "question_id"), Index(None, "pool_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    position: Mapped[int]
    question_id: Mapped[int | None] = mapped_column(ForeignKey("bank_question.id"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("question_pool.id"))
    draws: Mapped[int] = mapped_column(default=1)
    """How many questions of the pool."""
    points: Mapped[float] = mapped_column(default=1.0)
    """For each question."""

    question: Mapped[BankQuestion | None] = relationship()
    pool: Mapped[QuestionPool | None] = relationship()


class QuizExtra(Dated, Base):
    """What one pupil has beyond the others: time, attempts, a later end."""

    __tablename__ = "quiz_extra"
    __table_args__ = (UniqueConstraint("activity_id", "identity_id"), Index(None, "identity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    minutes: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    closes_at: Mapped[datetime | None]


class QuizAttempt(Dated, Base):
    """One try of one pupil. Only the server's clock counts."""

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        Index(
            "uq_quiz_attempt_running",
            "submission_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index(None, "state", "deadline_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=RUNNING)
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    """None: no end but the pupil's own."""
    finished_at: Mapped[datetime | None]
    overdue: Mapped[bool] = mapped_column(default=False)
    """The tool closed it, with what was saved."""
    tab: Mapped[str] = mapped_column(String(32), default="")
    """The browser tab that saved last; see Submission.draft_tab."""
    version: Mapped[int] = mapped_column(default=1)
    points: Mapped[float | None]
    """Sum of its answers' points; None: not finished, or something waits for a person."""
    maximum: Mapped[float] = mapped_column(default=0.0)

    submission: Mapped[Submission] = relationship()
    responses: Mapped[list[QuizResponse]] = relationship(back_populates="attempt", order_by="QuizResponse.position")


class QuizResponse(Dated, Base):
    """One question of an attempt with its answer."""

    __tablename__ = "quiz_response"
    __table_args__ = (
        UniqueConstraint("attempt_id", "position"),
        Index(None, "version_id"),
        Index(None, "slot_id", "to_mark"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id", ondelete="CASCADE"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("quiz_slot.id"))
    position: Mapped[int]
    """From 1, as shown."""
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    marks_id: Mapped[int | None] = mapped_column(ForeignKey("question_version.id"))
    """A later version by which it was marked anew; None: by the one that was asked."""
    maximum: Mapped[float]
    order: Mapped[Order] = mapped_column(JSON)
    answer: Mapped[list[str]] = mapped_column(JSON, default=list)
    answered_at: Mapped[datetime | None]
    fraction: Mapped[float | None]
    """0 to 1; None: not marked yet."""
    to_mark: Mapped[str] = mapped_column(String(10), default=NONE)
    comment: Mapped[str] = mapped_column(Text, default="")
    marked_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    mark_version: Mapped[int] = mapped_column(default=0)
    """Steps with every mark a person gives."""

    attempt: Mapped[QuizAttempt] = relationship(back_populates="responses")
    asked: Mapped[QuestionVersion] = relationship(foreign_keys=[version_id])
    marks: Mapped[QuestionVersion | None] = relationship(foreign_keys=[marks_id])
    slot: Mapped[QuizSlot] = relationship()

    @property
    def points(self) -> float | None:
        return None if self.fraction is None else round(self.fraction * self.maximum, 4)
