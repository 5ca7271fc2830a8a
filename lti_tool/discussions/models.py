"""Forums, their threads and posts, and what moderators and readers need around them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated, utcnow
from lti_tool.files.models import StoredFile
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import Identity

SHOWN, WAITING, HIDDEN = "shown", "waiting", "hidden"
"""A post everybody reads; one that only its author and moderators see until one decides; one a moderator took away."""
FIRST, WORDS = "first", "words"
"""Why a post waits: a pupil's first in a moderated forum; a word of the hub's list."""
MAX_TITLE = 150


class Forum(Dated, Base):
    """The threads of one place; made by the first of them, or by the first choice about the place."""

    __tablename__ = "forum"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(60), unique=True)
    """A name that the feature around it understands, such as `activity-40`."""
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    """The owner; None: of no single organization."""
    moderated: Mapped[bool] = mapped_column(default=False)
    """A pupil's first post waits for a teacher."""
    closed: Mapped[bool] = mapped_column(default=False)
    """To be read only."""


class Thread(Dated, Base):
    __tablename__ = "thread"
    __table_args__ = (Index(None, "forum_id", "pinned", "last_post_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    forum_id: Mapped[int] = mapped_column(ForeignKey("forum.id"))
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    pinned: Mapped[bool] = mapped_column(default=False)
    locked: Mapped[bool] = mapped_column(default=False)
    last_post_at: Mapped[datetime | None]
    """Of the newest post that is shown; None: nobody but author and moderators sees the thread yet."""

    forum: Mapped[Forum] = relationship(lazy="joined", innerjoin=True)


class Post(Dated, Base):
    """What one person wrote. Its author is known by the identity or invitation they came in with."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("person_id", "once"),
        Index(None, "thread_id", "id"),
        Index(None, "thread_id", "state", "shown_at"),
        Index(None, "person_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"), index=True)
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guest.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    """Markdown; empty once it is deleted and no report needs it."""
    stems: Mapped[str] = mapped_column(Text)
    """The stems of its words between spaces, for the search."""
    once: Mapped[str] = mapped_column(String(32))
    """Of the form it was written in: sent twice, it is one post."""
    state: Mapped[str] = mapped_column(String(10))
    """One of SHOWN, WAITING, HIDDEN."""
    waits_for: Mapped[str] = mapped_column(String(10), default="")
    """Why it had to wait, FIRST or WORDS; nothing when it did not."""
    shown_at: Mapped[datetime | None]
    """When everybody could read it first."""
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """Its author took it back; a mark stays."""
    version: Mapped[int] = mapped_column(default=1)

    thread: Mapped[Thread] = relationship(lazy="joined", innerjoin=True)
    identity: Mapped[Identity | None] = relationship()
    guest: Mapped[Guest | None] = relationship()
    files: Mapped[list[PostFile]] = relationship(order_by="PostFile.id", cascade="all, delete-orphan")
    mentions: Mapped[list[PostMention]] = relationship(order_by="PostMention.id", cascade="all, delete-orphan")


class PostFile(Base):
    __tablename__ = "post_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class PostMention(Base):
    """Somebody the post is meant for. A name is never written into the text: each reader sees it by the privacy rule."""

    __tablename__ = "post_mention"
    __table_args__ = (UniqueConstraint("post_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guest.id"))

    identity: Mapped[Identity | None] = relationship()
    guest: Mapped[Guest | None] = relationship()


class PostVersion(Base):
    """What a post said before it was edited."""

    __tablename__ = "post_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(default=utcnow)
    """When it was replaced."""


class ReadMark(Base):
    """How far a person has read a thread."""

    __tablename__ = "read_mark"
    __table_args__ = (UniqueConstraint("person_id", "thread_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), index=True)
    read_at: Mapped[datetime]
    """`shown_at` of the newest post they saw."""


class PostReport(Dated, Base):
    """Somebody finds a post out of place; open until a moderator settles it."""

    __tablename__ = "post_report"
    __table_args__ = (UniqueConstraint("post_id", "person_id"), Index(None, "post_id", "settled_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(20))
    """One of wording.REASONS."""
    note: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None]

    post: Mapped[Post] = relationship()


class FilteredWord(Dated, Base):
    """A word of the hub's list: a post with any of its forms waits for a moderator."""

    __tablename__ = "filtered_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(60))
    """As the operator typed it."""
    stem: Mapped[str] = mapped_column(String(60), unique=True)
