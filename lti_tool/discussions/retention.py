"""How long this feature keeps discussions: counted from the last message of a thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, delete, func, select, update

from lti_tool.core.db import db, execute
from lti_tool.discussions.models import (
    Forum,
    Post,
    PostFile,
    PostMention,
    PostReport,
    PostVersion,
    ReadMark,
    Thread,
)
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import release
from lti_tool.people.retention.registry import Period, keep

THREADS = Period(
    "discussions",
    _l("Threads of discussions, with their messages and files"),
    _l("since the last message of the thread"),
    days=730,
    least=90,
)
_BULK = {"synchronize_session": False}


def register() -> None:
    """Tell what is kept and for how long."""
    keep(THREADS, Thread, _quiet, _drop)


def _quiet(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    newest = select(func.max(Post.created_at)).where(Post.thread_id == Thread.id).scalar_subquery()
    statement = select(Thread.id).where(func.coalesce(newest, Thread.created_at) < before)
    if organization_id is not None:
        statement = statement.join(Forum, Forum.id == Thread.forum_id).where(Forum.organization_id == organization_id)
    return statement.order_by(Thread.id)


def _drop(idents: Sequence[int]) -> None:
    posts = select(Post.id).where(Post.thread_id.in_(idents))
    files = db.session.scalars(
        select(StoredFile).join(PostFile, PostFile.file_id == StoredFile.id).where(PostFile.post_id.in_(posts))
    ).all()
    for model in (PostFile, PostMention, PostReport, PostVersion):
        execute(delete(model).where(model.post_id.in_(posts)).execution_options(**_BULK))
    release(actor=None, files=files)
    db.session.flush()
    own = Post.thread_id.in_(idents)
    execute(update(Post).where(own).values(reply_to_id=None).execution_options(**_BULK))
    execute(delete(Post).where(own).execution_options(**_BULK))
    execute(delete(ReadMark).where(ReadMark.thread_id.in_(idents)).execution_options(**_BULK))
    execute(delete(Thread).where(Thread.id.in_(idents)).execution_options(**_BULK))
