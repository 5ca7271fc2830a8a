"""What this feature holds about a person: work, files and marks of pupils; what teachers did."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from lti_tool.core.db import run
from lti_tool.courses.assignments import belongings as assignments
from lti_tool.courses.assignments.belongings import forget_files_of
from lti_tool.courses.gradebook.models import Excuse, GradeBatch, GradeChange
from lti_tool.courses.materials import PURPOSE
from lti_tool.courses.models import (
    Activity,
    ActivityFile,
    CourseTeacher,
    Grade,
    Participation,
    ScaleTreaty,
    SharedCourse,
    Submission,
    SubmissionFile,
)
from lti_tool.courses.talk import belongings as talk
from lti_tool.files.belongings import outlives
from lti_tool.files.models import StoredFile
from lti_tool.people.belongings import queries
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import EMPTIED, Subject, holds, mentions

_COURSE, _TASK = _l("Course"), _l("Assignment")


def register() -> None:
    """Tell what is held. Files before the work they belong to."""
    talk.register()
    assignments.register()
    _work()
    _marks()
    _teaching()
    queries.warn(only_teacher)


def _work() -> None:
    of_file = select(Activity.title).join(Submission, Submission.activity_id == Activity.id)

    def stored(column: InstrumentedAttribute[Any]) -> Any:
        of_stored = select(column).where(StoredFile.id == SubmissionFile.file_id)
        return of_stored.scalar_subquery().label(column.key)

    task = of_file.where(Submission.id == SubmissionFile.submission_id).scalar_subquery().label("task")
    holds(
        SubmissionFile.submission_id,
        _l("Files added to work"),
        told=select(stored(StoredFile.name), stored(StoredFile.size), SubmissionFile.created_at).add_columns(
            SubmissionFile.from_version, stored(StoredFile.key).label("file_key"), task
        ),
        words={
            "task": _TASK,
            "name": _l("Name"),
            "size": _l("Bytes"),
            "created_at": _l("When"),
            "from_version": _l("Handed in with version"),
        },
        erase=lambda subject: forget_files_of(
            select(Submission.id).where(Submission.identity_id.in_(subject.identity_ids))
        ),
    )
    holds(
        Submission.identity_id,
        _l("Work handed in, and drafts"),
        told=select(_course(Submission.activity_id), _task(Submission.activity_id), Submission.text).add_columns(
            Submission.handed_in_at, Submission.draft, Submission.draft_at, Submission.done_at
        ),
        words={
            "course": _COURSE,
            "task": _TASK,
            "text": _l("Text"),
            "handed_in_at": _l("Handed in"),
            "draft": _l("Draft"),
            "draft_at": _l("Draft saved"),
            "done_at": _l("Done"),
        },
    )


def _marks() -> None:
    holds(
        Grade.identity_id,
        _l("Grades in shared courses"),
        fate=EMPTIED,
        why=_l("The host's gradebook keeps its figures: the points stay in a line with a number, the comment goes."),
        told=select(_course(Grade.activity_id), _task(Grade.activity_id), Grade.points, Grade.comment).add_columns(
            Grade.home_value, Grade.home_maximum, Grade.graded_at
        ),
        words={
            "course": _COURSE,
            "task": _TASK,
            "points": _l("Points"),
            "comment": _l("Comment"),
            "home_value": _l("In the school's scale"),
            "home_maximum": _l("out of"),
            "graded_at": _l("Graded"),
        },
        emptied={"comment": ""},
    )
    holds(
        GradeChange.identity_id,
        _l("Changes of grades in shared courses"),
        fate=EMPTIED,
        why=_l("They are the proof of how a grade came about; they hold points and times only."),
        told=select(_course(GradeChange.activity_id), _task(GradeChange.activity_id))
        .add_columns(GradeChange.at, GradeChange.points_before, GradeChange.points, GradeChange.value)
        .where(GradeChange.held.is_(False)),
        words={
            "course": _COURSE,
            "task": _TASK,
            "at": _l("When"),
            "points_before": _l("Points before"),
            "points": _l("Points"),
            "value": _l("In the school's scale"),
        },
        emptied={"comment_changed": False},
    )
    holds(
        Excuse.identity_id,
        _l("Activities the person was excused from"),
        told=select(_course(Excuse.activity_id), _task(Excuse.activity_id), Excuse.reason, Excuse.created_at),
        words={"course": _COURSE, "task": _TASK, "reason": _l("Reason"), "created_at": _l("When")},
    )
    mentions(GradeChange.by_id, _l("Changes of grades the person made"), ACTS)
    mentions(GradeBatch.by_id, _l("Grades the person gave to many at once"), ACTS)
    mentions(Excuse.by_id, _l("Excuses the person gave"), ACTS)
    mentions(Grade.graded_by_id, _l("Grades the person gave"), ACTS)


def _teaching() -> None:
    title = select(SharedCourse.title).where(SharedCourse.id == CourseTeacher.course_id).scalar_subquery()
    holds(
        CourseTeacher.identity_id,
        _l("Shared courses the person teaches"),
        told=select(title.label("course"), CourseTeacher.created_at),
        words={"course": _COURSE, "created_at": _l("Since")},
    )
    outlives(PURPOSE)
    mentions(ActivityFile.file_id, _l("Files of a course's content that the person brought"), ACTS)
    mentions(Participation.joined_by_id, _l("Classes the person brought into courses"), ACTS)
    mentions(ScaleTreaty.proposed_by_id, _l("Scales the person proposed"), ACTS)
    mentions(ScaleTreaty.answered_by_id, _l("Scales the person answered"), ACTS)


def only_teacher(subject: Subject) -> list[Any]:
    """Courses that nobody could edit or grade any more."""
    other = aliased(CourseTeacher)
    others = select(other.id).where(
        other.course_id == CourseTeacher.course_id, other.identity_id.not_in(subject.identity_ids)
    )
    own = (CourseTeacher.identity_id.in_(subject.identity_ids), ~others.exists())
    count = run(select(func.count(CourseTeacher.course_id.distinct())).where(*own)).scalar_one()
    told = _("Shared courses that only this person teaches: %(count)d. Nobody could edit or grade there afterwards.")
    return [told % {"count": count}] if count else []


def _task(activity_id: InstrumentedAttribute[int]) -> ColumnElement[str]:
    return select(Activity.title).where(Activity.id == activity_id).scalar_subquery().label("task")


def _course(activity_id: InstrumentedAttribute[int]) -> ColumnElement[str]:
    of_activity = select(SharedCourse.title).join(Activity, Activity.course_id == SharedCourse.id)
    return of_activity.where(Activity.id == activity_id).scalar_subquery().label("course")
