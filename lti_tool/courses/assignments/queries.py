"""Reads about assignments: which dates hold for whom, versions, marks, and what is given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from lti_tool.core.db import db
from lti_tool.courses.access import Access
from lti_tool.courses.assignments.models import (
    REFUSED,
    Assignment,
    AssignmentWork,
    Extension,
    FeedbackFile,
    HandIn,
    Mark,
    PassageComment,
)
from lti_tool.courses.models import Activity, Submission, SubmissionFile


@dataclass(frozen=True)
class Dates:
    """What holds for one pupil."""

    due_at: datetime | None
    until: datetime | None
    """Nothing can be handed in afterwards; None: always."""
    extension: Extension | None = None

    def over(self, now: datetime) -> bool:
        return self.until is not None and now > self.until


def dates_for(assignment: Assignment, activity: Activity, identity_id: int, participation_id: int) -> Dates:
    """The pupil's own extension before the class's, before what holds for all."""
    own = or_(Extension.identity_id == identity_id, Extension.participation_id == participation_id)
    statement = select(Extension).where(Extension.activity_id == activity.id, own)
    found = sorted(db.session.scalars(statement), key=lambda each: each.identity_id is None)
    return dates(assignment, activity, found[0] if found else None)


def dates(assignment: Assignment, activity: Activity, extension: Extension | None) -> Dates:
    """What holds under this extension, or under none."""
    due_at, until = activity.due_at, activity.available_until
    if extension is not None:
        due_at = extension.due_at
        until = extension.until or (max(until, due_at) if until else None)
    if assignment.late_rule == REFUSED and due_at is not None:
        until = min(until, due_at) if until else due_at
    return Dates(due_at, until, extension)


def work_record(submission_id: int) -> AssignmentWork | None:
    """What is known of a work that was handed in."""
    return db.session.scalar(select(AssignmentWork).where(AssignmentWork.submission_id == submission_id))


def record_of(activity_id: int, identity_id: int) -> AssignmentWork | None:
    """The same for the work of a pupil."""
    statement = select(AssignmentWork).join(Submission, Submission.id == AssignmentWork.submission_id)
    return db.session.scalar(
        statement.where(Submission.activity_id == activity_id, Submission.identity_id == identity_id)
    )


def numbers_of(activity_id: int, identity_ids: Sequence[int]) -> dict[int, int]:
    """By identity: the number that a work is called by while names are hidden."""
    statement = (
        select(Submission.identity_id, AssignmentWork.number)
        .join(AssignmentWork, AssignmentWork.submission_id == Submission.id)
        .where(Submission.activity_id == activity_id, Submission.identity_id.in_(identity_ids))
    )
    return dict(db.session.execute(statement).tuples().all())


def identity_behind(activity_id: int, number: int) -> int | None:
    """Whose work this number is."""
    statement = select(Submission.identity_id).join(AssignmentWork, AssignmentWork.submission_id == Submission.id)
    return db.session.scalar(
        statement.where(AssignmentWork.activity_id == activity_id, AssignmentWork.number == number)
    )


def hides_names(access: Access, activity: Activity) -> bool:
    """Do names have to wait for who looks? Who only teaches the pupils at home knows them; who teaches the course, also as
    an invited tutor of any level, reads numbers."""
    if not (access.hosts or access.tutor):
        return False
    statement = select(Assignment.anonymous, Assignment.released_at).where(Assignment.activity_id == activity.id)
    row = db.session.execute(statement).first()
    return row is not None and row.anonymous and row.released_at is None


def nameless(course_id: int) -> set[int]:
    """Assignments of a course (ids of activities) that are graded without names and not released."""
    statement = (
        select(Assignment.activity_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .where(Activity.course_id == course_id, Assignment.anonymous.is_(True), Assignment.released_at.is_(None))
    )
    return set(db.session.scalars(statement))


def hidden_from(access: Access) -> set[int]:
    """Those of them of which nothing may stand beside a name for who looks: a moment, or whether something was handed in,
    would tell whose work a number is."""
    return nameless(access.course.id) if access.hosts or access.tutor else set()


def mark_of(activity_id: int, identity_id: int) -> Mark | None:
    """What a teacher gave, told or not."""
    return db.session.scalar(select(Mark).where(Mark.activity_id == activity_id, Mark.identity_id == identity_id))


def waiting_marks(activity_id: int) -> int:
    """Marks that nobody has been told of."""
    statement = select(func.count()).select_from(Mark)
    return db.session.scalar(statement.where(Mark.activity_id == activity_id, Mark.released_at.is_(None))) or 0


def versions_of(submission: Submission) -> list[HandIn]:
    """What was handed in, the newest first."""
    statement = select(HandIn).where(HandIn.submission_id == submission.id).order_by(HandIn.number.desc())
    return list(db.session.scalars(statement))


def files_in(submission: Submission, version: int) -> list[SubmissionFile]:
    """The files of one version."""
    return [file for file in submission.files if file.is_in(version)]


def feedback_files(activity_id: int, identity_id: int) -> list[FeedbackFile]:
    """What teachers gave with the mark."""
    statement = select(FeedbackFile).where(
        FeedbackFile.activity_id == activity_id, FeedbackFile.identity_id == identity_id
    )
    return list(db.session.scalars(statement.order_by(FeedbackFile.id)))


def passages_of(hand_in_id: int) -> list[PassageComment]:
    """Comments on one version's text, in its order."""
    statement = select(PassageComment).where(PassageComment.hand_in_id == hand_in_id)
    return list(db.session.scalars(statement.order_by(PassageComment.start, PassageComment.id)))


def extensions_of(activity: Activity) -> list[Extension]:
    """All of an assignment, the newest first."""
    whole = (joinedload(Extension.identity), joinedload(Extension.given_by), joinedload(Extension.participation))
    statement = select(Extension).where(Extension.activity_id == activity.id).options(*whole)
    return list(db.session.scalars(statement.order_by(Extension.id.desc())).unique())


def is_told(activity_id: Any, identity_id: Any) -> ColumnElement[bool]:
    """SQL: the same as `told` for the pupil's work on this activity."""
    marked = select(Mark.id).where(
        Mark.activity_id == activity_id, Mark.identity_id == identity_id, Mark.released_at.is_not(None)
    )
    work = aliased(Submission)
    returned = (
        select(AssignmentWork.id)
        .join(work, work.id == AssignmentWork.submission_id)
        .where(AssignmentWork.returned_at.is_not(None))
        .where(work.activity_id == activity_id, work.identity_id == identity_id)
    )
    return or_(marked.exists(), returned.exists())


def told(mark: Mark | None, record: AssignmentWork | None) -> bool:
    """May the pupil, and the teacher at home, read what was said of the work? The mark itself only once it is released."""
    return (mark is not None and mark.released_at is not None) or (
        record is not None and record.returned_at is not None
    )
