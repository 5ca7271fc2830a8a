"""What this feature holds about a person: what they wrote and reported, where they were named, how far they have read."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.discussions.models import Post, PostFile, PostMention, PostReport, PostVersion, ReadMark, Thread
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import EMPTIED, Subject, holds, mentions

_WRITTEN = {"thread": _l("Thread"), "text": _l("Text"), "created_at": _l("When")}


def register() -> None:
    """Tell what is held. Rows before the posts they belong to."""
    _around_posts()
    title = select(Thread.title).where(Thread.id == Post.thread_id).scalar_subquery().label("thread")
    holds(
        Post.person_id,
        _l("Messages in discussions"),
        fate=EMPTIED,
        why=_l("A mark stays where a message was, so that the answers to it can be understood; the words go."),
        told=select(title, Post.text, Post.created_at),
        words=_WRITTEN,
        emptied={"text": "", "stems": "", "deleted_at": func.coalesce(Post.deleted_at, Post.created_at)},
        where=_wrote,
    )
    for column in (Post.identity_id, Post.guest_id):
        mentions(column, _l("Messages in discussions"), ACTS)
    mentions(Post.reply_to_id, _l("Answers to messages of the person"), ACTS)


def _around_posts() -> None:
    holds(PostFile.post_id, _l("Files of messages"))
    mentions(PostFile.file_id, _l("Files of messages"), ACTS)
    holds(
        PostVersion.post_id,
        _l("Earlier words of messages"),
        told=select(PostVersion.text, PostVersion.until),
        words={"text": _l("Text"), "until": _l("Until")},
    )
    holds(PostMention.post_id, _l("People named in messages"))
    holds(PostMention.person_id, _l("Messages that name the person"), where=_named)
    for column in (PostMention.identity_id, PostMention.guest_id):
        mentions(column, _l("Messages that name the person"), ACTS)
    holds(PostReport.post_id, _l("Reports of messages of the person"))
    holds(
        PostReport.person_id,
        _l("Messages the person reported"),
        fate=EMPTIED,
        why=_l("The report still counts; what was written with it goes."),
        told=select(PostReport.reason, PostReport.note, PostReport.created_at),
        words={"reason": _l("Reason"), "note": _l("Text"), "created_at": _l("When")},
        emptied={"note": ""},
    )
    holds(ReadMark.person_id, _l("How far discussions were read"))


def _wrote(subject: Subject) -> ColumnElement[bool]:
    return _by(Post.identity_id, Post.guest_id, subject)


def _named(subject: Subject) -> ColumnElement[bool]:
    return _by(PostMention.identity_id, PostMention.guest_id, subject)


def _by(
    identity: InstrumentedAttribute[int | None], guest: InstrumentedAttribute[int | None], subject: Subject
) -> ColumnElement[bool]:
    return or_(identity.in_(subject.identity_ids), guest.in_(subject.guest_ids))
