"""What comments on works hold about people: they are the pupil's, whoever wrote them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.db import execute, run
from lti_tool.courses.models import Activity
from lti_tool.courses.talk.models import WorkComment, WorkCommentFile
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import forget_many
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import Subject, holds, mentions

ABOUT_OTHERS = _l("What was said about a pupil's work belongs to the pupil; the number leads to nobody any more.")
_BULK = {"synchronize_session": False}


def register() -> None:
    """Tell what is held. Files before the comments they came with."""
    holds(
        WorkCommentFile.comment_id,
        _l("Files in comments on works"),
        told=of_file(WorkCommentFile.file_id),
        words={"name": _l("Name"), "size": _l("Bytes")},
        erase=lambda subject: forget_comment_files(_comments(subject)),
    )
    task = select(Activity.title).where(Activity.id == WorkComment.activity_id).scalar_subquery().label("task")
    holds(
        WorkComment.identity_id,
        _l("Comments on the person's works"),
        told=select(task, WorkComment.text, WorkComment.created_at),
        words={"task": _l("Assignment"), "text": _l("Text"), "created_at": _l("When")},
    )
    mentions(WorkComment.by_id, _l("Comments on works of pupils"), ABOUT_OTHERS)
    mentions(WorkCommentFile.file_id, _l("Files in comments on works"), ACTS)


def _comments(subject: Subject) -> Select[tuple[int]]:
    return select(WorkComment.id).where(WorkComment.identity_id.in_(subject.identity_ids))


def of_file(file_id: InstrumentedAttribute[int]) -> Select[Any]:
    """Name, size and content of the stored file."""

    def part(column: InstrumentedAttribute[Any]) -> Any:
        return select(column).where(StoredFile.id == file_id).scalar_subquery()

    return select(
        part(StoredFile.name).label("name"), part(StoredFile.size).label("size"), part(StoredFile.key).label("file_key")
    )


def forget_comment_files(comments: Select[tuple[int]]) -> None:
    """Files of these comments are gone."""
    of_comments = WorkCommentFile.comment_id.in_(comments)
    files = run(select(WorkCommentFile.file_id).where(of_comments)).scalars().all()
    execute(delete(WorkCommentFile).where(of_comments).execution_options(**_BULK))
    forget_many(files)


def forget_talk(comments: Select[tuple[int]]) -> None:
    """These comments are gone, with their files."""
    forget_comment_files(comments)
    execute(delete(WorkComment).where(WorkComment.id.in_(comments)).execution_options(**_BULK))
