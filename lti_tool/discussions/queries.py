"""What is in the discussions of a place, and what of it a person has not seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from lti_tool.core.db import db
from lti_tool.discussions.models import (
    HIDDEN,
    SHOWN,
    WAITING,
    FilteredWord,
    Forum,
    Post,
    PostMention,
    PostReport,
    PostVersion,
    ReadMark,
    Thread,
)
from lti_tool.discussions.places import Place
from lti_tool.discussions.stems import words
from lti_tool.people.actor import Actor

POSTS_OF_A_PAGE = 25
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_AUTHOR = (joinedload(Post.identity), joinedload(Post.guest))
_WHOLE = (
    *_AUTHOR,
    selectinload(Post.files),
    selectinload(Post.mentions).options(joinedload(PostMention.identity), joinedload(PostMention.guest)),
)


def forum_of(place: str) -> Forum | None:
    """The forum of a place; None while nobody has written there."""
    return db.session.scalar(select(Forum).where(Forum.place == place))


@dataclass(frozen=True)
class Tally:
    """Posts of one thread, or of one place."""

    posts: int = 0
    """Shown and not taken back."""
    unread: int = 0
    waiting: int = 0
    """For a moderator, or with an open report."""


@dataclass(frozen=True)
class Reader:
    """Who reads a place."""

    person_id: int
    moderates: bool = False
    only: Collection[int] | None = None
    """Of others, posts of these identities alone; None: everybody's."""

    @classmethod
    def of(cls, actor: Actor, place: Place) -> Reader:
        return cls(actor.person_id, place.moderates, place.teachers if place.veiled else None)

    def reads(self) -> list[ColumnElement[bool]]:
        """SQL: posts whose author is not veiled."""
        if self.only is None:
            return []
        return [or_(Post.person_id == self.person_id, Post.identity_id.in_(self.only))]


def threads(forum_id: int, reader: Reader) -> Select[tuple[Thread]]:
    """The threads a person can see, pinned ones first, then by the newest post."""
    own = select(Post.id).where(Post.thread_id == Thread.id, Post.person_id == reader.person_id).exists()
    seen = [] if reader.moderates else [or_(Thread.last_post_at.is_not(None), own)]
    if reader.only is not None:
        others = aliased(Post)
        first = select(func.min(others.id)).where(others.thread_id == Thread.id).scalar_subquery()
        seen.append(select(Post.id).where(Post.id == first, *reader.reads()).exists())
    newest = func.coalesce(Thread.last_post_at, Thread.created_at)
    return (
        select(Thread)
        .where(Thread.forum_id == forum_id, *seen)
        .order_by(Thread.pinned.desc(), newest.desc(), Thread.id.desc())
    )


def tallies(thread_ids: Collection[int], *, person_id: int) -> Mapping[int, Tally]:
    """Counts of these threads for a person, by the thread's id; one statement."""
    found = db.session.execute(_tally(Post.thread_id, person_id).where(Post.thread_id.in_(thread_ids)))
    return {thread: Tally(*counts) for thread, *counts in found}


def tallies_of_places(places: Collection[str], *, person_id: int) -> Mapping[str, Tally]:
    """Counts of these places for a person, by the place's name; one statement. Places without a post are left out."""
    statement = _tally(Forum.place, person_id).join(Forum, Forum.id == Thread.forum_id)
    return {place: Tally(*counts) for place, *counts in db.session.execute(statement.where(Forum.place.in_(places)))}


def _tally(by: Any, person_id: int) -> Select[Any]:
    mark = and_(ReadMark.thread_id == Post.thread_id, ReadMark.person_id == person_id)
    there = and_(Post.state == SHOWN, Post.deleted_at.is_(None))
    unread = and_(there, Post.person_id != person_id, Post.shown_at > func.coalesce(ReadMark.read_at, _NEVER))
    waiting = or_(Post.state == WAITING, _reported())
    counts = [func.count().filter(rule) for rule in (there, unread, waiting)]
    return (
        select(by, *counts)
        .select_from(Post)
        .join(Thread, Thread.id == Post.thread_id)
        .outerjoin(ReadMark, mark)
        .group_by(by)
    )


def _reported() -> ColumnElement[bool]:
    return select(PostReport.id).where(PostReport.post_id == Post.id, PostReport.settled_at.is_(None)).exists()


def _visible(reader: Reader) -> list[ColumnElement[bool]]:
    """Posts that have a place on the page, be it as a mark only."""
    if reader.moderates:
        return []
    taken_away = and_(Post.state == HIDDEN, Post.shown_at.is_not(None))
    return [or_(Post.state == SHOWN, taken_away, Post.person_id == reader.person_id), *reader.reads()]


def posts(thread_id: int, reader: Reader) -> Select[tuple[Post]]:
    """The posts of a thread in the order they were written, with all that a page shows of them."""
    statement = select(Post).where(Post.thread_id == thread_id, *_visible(reader))
    return statement.order_by(Post.id).options(*_WHOLE)


def page_of(post: Post, reader: Reader) -> int:
    """On which page of its thread a person finds a post."""
    before = [Post.thread_id == post.thread_id, Post.id < post.id, *_visible(reader)]
    count = db.session.scalar(select(func.count()).select_from(Post).where(*before)) or 0
    return count // POSTS_OF_A_PAGE + 1


def read_until(thread_id: int, *, person_id: int) -> datetime:
    """Up to when a person has seen what was shown in a thread; long ago when never."""
    mine = (ReadMark.thread_id == thread_id, ReadMark.person_id == person_id)
    return db.session.scalar(select(ReadMark.read_at).where(*mine)) or _NEVER


def first_unread(thread_id: int, *, person_id: int) -> int | None:
    """The id of the oldest post a person has not seen."""
    since = read_until(thread_id, person_id=person_id)
    rule = [Post.thread_id == thread_id, Post.state == SHOWN, Post.deleted_at.is_(None), Post.person_id != person_id]
    return db.session.scalar(select(func.min(Post.id)).where(*rule, Post.shown_at > since))


def starters(thread_ids: Collection[int]) -> Mapping[int, Post]:
    """The first post of each of these threads, with its author."""
    first = select(func.min(Post.id)).where(Post.thread_id.in_(thread_ids)).group_by(Post.thread_id)
    return {
        post.thread_id: post for post in db.session.scalars(select(Post).where(Post.id.in_(first)).options(*_AUTHOR))
    }


def found(forum_id: int, text: str, reader: Reader) -> Select[tuple[Post]] | None:
    """Posts of a forum that hold every word, in any of its forms; the last word may be a beginning. None: no word."""
    wanted = list(dict.fromkeys(words(text)))
    if not wanted:
        return None
    rules = [Post.stems.contains(f" {stem} ", autoescape=True) for stem in wanted[:-1]]
    rules.append(Post.stems.contains(f" {wanted[-1]}", autoescape=True))
    there = (Thread.forum_id == forum_id, Post.state == SHOWN, Post.deleted_at.is_(None), *reader.reads())
    return (
        select(Post)
        .join(Thread, Thread.id == Post.thread_id)
        .where(*there, *rules)
        .order_by(Post.id.desc())
        .options(*_AUTHOR)
    )


def queue(forum_id: int) -> Select[tuple[Post]]:
    """What a moderator has to look at: what waits, and what was reported; the oldest first."""
    statement = select(Post).join(Thread, Thread.id == Post.thread_id).where(Thread.forum_id == forum_id)
    return statement.where(or_(Post.state == WAITING, _reported())).order_by(Post.id).options(*_WHOLE)


def queue_length(forum_id: int) -> int:
    """How many posts a moderator has to look at."""
    return db.session.scalar(select(func.count()).select_from(queue(forum_id).order_by(None).subquery())) or 0


def open_reports(post_ids: Collection[int]) -> Mapping[int, Sequence[PostReport]]:
    """The reports nobody has settled, by the post's id. Who reported is told to nobody."""
    statement = select(PostReport).where(PostReport.post_id.in_(post_ids), PostReport.settled_at.is_(None))
    by_post: dict[int, list[PostReport]] = {}
    for report in db.session.scalars(statement.order_by(PostReport.id)):
        by_post.setdefault(report.post_id, []).append(report)
    return by_post


def versions_of(post_id: int) -> Sequence[PostVersion]:
    """What a post said before, the oldest first."""
    return db.session.scalars(select(PostVersion).where(PostVersion.post_id == post_id).order_by(PostVersion.id)).all()


@dataclass(frozen=True)
class Contribution:
    """How much one person wrote in a place: posts that are shown and not taken back."""

    person_id: int
    identity_id: int | None
    posts: int
    first_at: datetime
    newest_at: datetime


def contributions(place: str) -> Sequence[Contribution]:
    """Who wrote in a place, for progress and grades; one statement."""
    identity = func.max(Post.identity_id)
    statement = (
        select(Post.person_id, identity, func.count(), func.min(Post.created_at), func.max(Post.created_at))
        .join(Thread, Thread.id == Post.thread_id)
        .join(Forum, Forum.id == Thread.forum_id)
        .where(Forum.place == place, Post.state == SHOWN, Post.deleted_at.is_(None))
        .group_by(Post.person_id)
        .order_by(Post.person_id)
    )
    return [Contribution(*row) for row in db.session.execute(statement)]


def has_written(place: str, *, person_id: int) -> bool:
    """Has the person a post in this place that was not taken back?"""
    own = (Post.person_id == person_id, Post.deleted_at.is_(None), Forum.place == place)
    return db.session.scalar(_placed(select(Post.id)).where(*own).limit(1)) is not None


def posts_by(identity_id: int, place: str) -> Select[tuple[Post]]:
    """What one identity wrote in a place and in those below it, whatever became of it, unless taken back; the oldest
    first, with all that a page shows."""
    statement = select(Post).where(Post.identity_id == identity_id, *_kept_below(place))
    return _placed(statement).order_by(Post.id).options(*_WHOLE)


def written_below(place: str, identity_ids: Collection[int]) -> Mapping[int, Sequence[tuple[datetime, str]]]:
    """By identity: when each of the same posts was written and its state, the oldest first; one statement."""
    wanted = (Post.identity_id.in_(identity_ids), *_kept_below(place))
    statement = _placed(select(Post.identity_id, Post.created_at, Post.state)).where(*wanted).order_by(Post.id)
    by: dict[int, list[tuple[datetime, str]]] = {}
    for identity_id, moment, state in db.session.execute(statement):
        by.setdefault(identity_id, []).append((moment, state))
    return by


def _placed(statement: Select[Any]) -> Select[Any]:
    return statement.join(Thread, Thread.id == Post.thread_id).join(Forum, Forum.id == Thread.forum_id)


def _kept_below(place: str) -> tuple[ColumnElement[bool], ...]:
    """`activity-40-7` is below `activity-40`."""
    below = or_(Forum.place == place, Forum.place.startswith(f"{place}-", autoescape=True))
    return below, Post.deleted_at.is_(None)


@dataclass(frozen=True)
class NewPosts:
    """What came into one thread."""

    place: str
    thread_id: int
    title: str
    posts: int
    naming: int = field(default=0)
    """How many of them name the person."""
    newest_at: datetime = _NEVER


def new_posts_since(moment: datetime, *, person_id: int, places: Collection[str]) -> Sequence[NewPosts]:
    """What others wrote in these places after a moment, thread by thread, the newest first; one statement."""
    naming = select(PostMention.id).where(PostMention.post_id == Post.id, PostMention.person_id == person_id).exists()
    newest = func.max(Post.shown_at)
    statement = (
        select(Forum.place, Thread.id, Thread.title, func.count(), func.count().filter(naming), newest)
        .select_from(Post)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Forum, Forum.id == Thread.forum_id)
        .where(Forum.place.in_(places), Post.state == SHOWN, Post.deleted_at.is_(None))
        .where(Post.shown_at > moment, Post.person_id != person_id)
        .group_by(Forum.place, Thread.id, Thread.title)
        .order_by(newest.desc(), Thread.id.desc())
    )
    return [NewPosts(*row) for row in db.session.execute(statement)]


def filtered_words() -> Sequence[FilteredWord]:
    """The hub's list, in alphabetical order."""
    return db.session.scalars(select(FilteredWord).order_by(FilteredWord.word)).all()
