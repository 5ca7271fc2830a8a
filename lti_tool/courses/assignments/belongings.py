"""What assignments hold about people: versions handed in, marks, feedback, extensions."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, delete, select

from lti_tool.core.db import execute, run
from lti_tool.courses.assignments.models import (
    Assignment,
    AssignmentWork,
    Extension,
    FeedbackFile,
    HandIn,
    Mark,
    PassageComment,
    Rubric,
)
from lti_tool.courses.assignments.operations.feedback import FEEDBACK
from lti_tool.courses.assignments.queries import is_told
from lti_tool.courses.models import Activity, Submission, SubmissionFile
from lti_tool.courses.talk.belongings import ABOUT_OTHERS, forget_talk, of_file
from lti_tool.courses.talk.models import WorkComment
from lti_tool.files.belongings import outlives
from lti_tool.files.operations.keeping import forget_many
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import holds, mentions

_TASK, _WHEN, _TEXT, _NAME = _l("Assignment"), _l("When"), _l("Text"), _l("Name")
_BULK = {"synchronize_session": False}


def register() -> None:
    """Tell what is held. Rows before those they point at."""
    outlives(FEEDBACK)
    _feedback()
    _handed_in()
    _acts()


def _task(activity_id: Any) -> ColumnElement[str]:
    return select(Activity.title).where(Activity.id == activity_id).scalar_subquery().label("task")


def _of_told_work() -> ColumnElement[bool]:
    told = select(HandIn.id).join(Submission, Submission.id == HandIn.submission_id)
    own = is_told(Submission.activity_id, Submission.identity_id)
    return told.where(HandIn.id == PassageComment.hand_in_id, own).exists()


def _feedback() -> None:
    """A copy tells it as pages do: not before the mark is released, or the work returned."""
    holds(
        FeedbackFile.identity_id,
        _l("Files that teachers gave with a mark"),
        told=of_file(FeedbackFile.file_id)
        .add_columns(_task(FeedbackFile.activity_id), FeedbackFile.created_at)
        .where(is_told(FeedbackFile.activity_id, FeedbackFile.identity_id)),
        words={"name": _NAME, "size": _l("Bytes"), "task": _TASK, "created_at": _WHEN},
        erase=lambda subject: forget_feedback(
            select(FeedbackFile.id).where(FeedbackFile.identity_id.in_(subject.identity_ids))
        ),
    )
    for column in (FeedbackFile.file_id, SubmissionFile.file_id):
        mentions(column, _l("Files of works"), ACTS)
    mentions(FeedbackFile.of_file_id, _l("Annotated copies of files"), ABOUT_OTHERS)
    mentions(FeedbackFile.by_id, _l("Files given with a mark"), ABOUT_OTHERS)
    holds(
        PassageComment.hand_in_id,
        _l("Comments on passages of texts"),
        told=select(PassageComment.text, PassageComment.created_at).where(_of_told_work()),
        words={"text": _TEXT, "created_at": _WHEN},
    )
    mentions(PassageComment.by_id, _l("Comments on passages of pupils' texts"), ABOUT_OTHERS)
    holds(
        Mark.identity_id,
        _l("Marks of assignments"),
        told=select(
            _task(Mark.activity_id), Mark.points, Mark.deduction, Mark.reason, Mark.comment, Mark.graded_at
        ).where(Mark.released_at.is_not(None)),
        words={
            "task": _TASK,
            "points": _l("Points"),
            "deduction": _l("Taken off for being late"),
            "reason": _l("Reason"),
            "comment": _l("Comment"),
            "graded_at": _l("Graded"),
        },
    )


def _handed_in() -> None:
    holds(
        AssignmentWork.submission_id,
        _l("Works by number, and those returned to be improved"),
        told=select(
            _task(AssignmentWork.activity_id),
            AssignmentWork.number,
            AssignmentWork.returned_at,
            AssignmentWork.returned_why,
        ),
        words={
            "task": _TASK,
            "number": _l("Number"),
            "returned_at": _l("Returned"),
            "returned_why": _l("What can be better"),
        },
    )
    holds(
        HandIn.submission_id,
        _l("Versions handed in"),
        told=select(HandIn.number, HandIn.text, HandIn.handed_in_at),
        words={"number": _l("Number"), "text": _TEXT, "handed_in_at": _l("Handed in")},
    )
    holds(
        Extension.identity_id,
        _l("More time for assignments"),
        told=select(_task(Extension.activity_id), Extension.due_at, Extension.reason),
        words={"task": _TASK, "due_at": _l("Due"), "reason": _l("Reason")},
    )


def _acts() -> None:
    mentions(Extension.given_by_id, _l("More time the person gave"), ACTS)
    mentions(AssignmentWork.returned_by_id, _l("Works the person returned"), ACTS)
    mentions(Assignment.released_by_id, _l("Grades the person released"), ACTS)
    mentions(Mark.graded_by_id, _l("Marks the person gave"), ACTS)
    mentions(Rubric.made_by_id, _l("Rubrics the person wrote"), ACTS)


def forget_feedback(feedback: Select[tuple[int]]) -> None:
    """These feedback files are gone."""
    chosen = FeedbackFile.id.in_(feedback)
    files = run(select(FeedbackFile.file_id).where(chosen)).scalars().all()
    execute(delete(FeedbackFile).where(FeedbackFile.file_id.in_(files)).execution_options(**_BULK))
    forget_many(files)


def forget_files_of(submissions: Select[tuple[int]]) -> None:
    """Files of these submissions are gone, and what teachers gave as annotated copies of them."""
    chosen = SubmissionFile.submission_id.in_(submissions)
    of_file = select(SubmissionFile.id).where(chosen)
    forget_feedback(select(FeedbackFile.id).where(FeedbackFile.of_file_id.in_(of_file)))
    files = run(select(SubmissionFile.file_id).where(chosen)).scalars().all()
    execute(delete(SubmissionFile).where(chosen).execution_options(**_BULK))
    forget_many(files)


def forget_works(submissions: Select[tuple[int]]) -> None:
    """All that assignments keep of these submissions beside themselves: before they are gone themselves."""
    pairs = select(Submission.activity_id, Submission.identity_id).where(Submission.id.in_(submissions)).subquery()

    def about(model: Any) -> Any:
        matches = (pairs.c.activity_id == model.activity_id, pairs.c.identity_id == model.identity_id)
        return select(pairs.c.identity_id).where(*matches).exists()

    forget_talk(select(WorkComment.id).where(about(WorkComment)))
    forget_feedback(select(FeedbackFile.id).where(about(FeedbackFile)))
    forget_files_of(submissions)
    versions = select(HandIn.id).where(HandIn.submission_id.in_(submissions))
    execute(delete(PassageComment).where(PassageComment.hand_in_id.in_(versions)).execution_options(**_BULK))
    for model in (HandIn, AssignmentWork):
        execute(delete(model).where(model.submission_id.in_(submissions)).execution_options(**_BULK))
