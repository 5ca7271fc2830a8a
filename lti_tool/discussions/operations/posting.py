"""Writing in a place: threads, replies, later changes. What waits for a moderator is decided here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, func, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import change
from lti_tool.discussions.models import (
    FIRST,
    HIDDEN,
    MAX_TITLE,
    SHOWN,
    WAITING,
    WORDS,
    Forum,
    Post,
    PostFile,
    PostMention,
    PostReport,
    PostVersion,
    ReadMark,
    Thread,
)
from lti_tool.discussions.operations.filtering import is_caught
from lti_tool.discussions.places import Participant, Place
from lti_tool.discussions.stems import indexed
from lti_tool.discussions.telling import tell_of
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules, release, take
from lti_tool.people.actor import Actor

MAX_TEXT = 20_000
"""Characters of one post."""
MOST_IN_A_MINUTE, MOST_IN_AN_HOUR = 6, 60
"""Posts of one person: a lively lesson, not a flood."""
MOST_MENTIONS = 20
FILES = Rules(most=5, most_bytes=50 * 1024**2)
"""What may be attached to a post."""


@dataclass(frozen=True)
class Draft:
    """What somebody wrote and wants to post."""

    text: str
    once: str
    """Of the form; the same one twice is one post."""
    file_ids: Sequence[int] = ()
    """Files they brought."""
    mentions: Sequence[Participant] = ()


@dataclass(frozen=True)
class Posted:
    """What became of it."""

    post: Post
    waits_for: str
    """FIRST or WORDS of models when a moderator reads it first; else nothing."""
    is_new: bool = True
    """False: it had been posted before by the same form."""


def forum_at(place: Place) -> Forum:
    """The place's forum, made when it is the first time."""
    values = {"place": place.name, "organization_id": place.organization_id, "moderated": False, "closed": False}
    insert_if_absent(Forum, {**values, "created_at": utcnow()})
    return db.session.scalars(select(Forum).where(Forum.place == place.name)).one()


def start_thread(*, actor: Actor, place: Place, title: str, draft: Draft) -> Posted:
    """A new thread with its first post. Raises Invalid, Conflict when the forum is closed."""
    again = _posted_before(actor, draft)
    if again is not None:
        return again
    title = " ".join(title.split())
    if not 0 < len(title) <= MAX_TITLE:
        raise Invalid({"title": _("Write a title of at most %(number)d characters.", number=MAX_TITLE)})
    _check(actor, draft)
    forum = forum_at(place)
    if forum.closed and not place.moderates:
        raise Conflict(_("This discussion is closed. It can be read only."))
    thread = Thread(forum=forum, title=title)
    db.session.add(thread)
    db.session.flush()
    return _post(actor, place, thread, draft, title=title)


def reply(*, actor: Actor, place: Place, thread: Thread, draft: Draft, reply_to: int | None = None) -> Posted:
    """A post in a thread, to another one of it or to all. Raises Invalid, Conflict when place, forum or thread is closed."""
    again = _posted_before(actor, draft)
    if again is not None:
        return again
    _check(actor, draft)
    closed = (thread.locked or thread.forum.closed) and not place.moderates
    if closed or not place.writes:
        raise Conflict(_("This thread was closed meanwhile. It can be read only."))
    there = select(Post.id).where(Post.id == reply_to, Post.thread_id == thread.id, Post.state == SHOWN)
    return _post(actor, place, thread, draft, reply_to=db.session.scalar(there) if reply_to else None)


def _posted_before(actor: Actor, draft: Draft) -> Posted | None:
    post = db.session.scalar(select(Post).where(Post.person_id == actor.person_id, Post.once == draft.once))
    return Posted(post, post.waits_for if post.state == WAITING else "", is_new=False) if post else None


def _check(actor: Actor, draft: Draft) -> None:
    _check_text(draft.text, has_files=bool(draft.file_ids))
    now = utcnow()
    mine = [Post.person_id == actor.person_id, Post.created_at > now - timedelta(hours=1)]
    recent = func.count().filter(Post.created_at > now - timedelta(minutes=1))
    in_minute, in_hour = db.session.execute(select(recent, func.count()).select_from(Post).where(*mine)).one()
    if in_minute >= MOST_IN_A_MINUTE or in_hour >= MOST_IN_AN_HOUR:
        raise Invalid(
            {"text": _("You write very quickly. Wait a little, then send it once more: your text is kept here.")}
        )


def _check_text(text: str, *, has_files: bool) -> None:
    if not text.strip() and not has_files:
        raise Invalid({"text": _("Write something, or add a file.")})
    if len(text) > MAX_TEXT:
        raise Invalid({"text": _("The text is too long. Put a part of it into a file.")})


def _post(
    actor: Actor, place: Place, thread: Thread, draft: Draft, *, title: str = "", reply_to: int | None = None
) -> Posted:
    waits_for = _why_waiting(actor, place, thread.forum, f"{title} {draft.text}")
    now = utcnow()
    post = Post(
        thread=thread,
        reply_to_id=reply_to,
        person_id=actor.person_id,
        identity_id=actor.identity_id,
        guest_id=actor.guest_id,
        text=draft.text,
        stems=indexed(f"{title} {draft.text}"),
        once=draft.once,
        state=WAITING if waits_for else SHOWN,
        waits_for=waits_for,
        shown_at=None if waits_for else now,
        created_at=now,
    )
    post.mentions = _mentions(draft.mentions)
    post.files = [PostFile(file=file) for file in _taken(actor, draft.file_ids)]
    db.session.add(post)
    db.session.flush()
    if not waits_for:
        note_newest(thread)
        tell_of(post)
    place.noted(post)
    audit.record(
        actor, "post.write", "post", post.id, concerns=place.organization_id, thread=thread.id, waits_for=waits_for
    )
    return Posted(post, waits_for)


def _taken(actor: Actor, ids: Collection[int]) -> Sequence[StoredFile]:
    return take(actor=actor, ids=ids, purpose="discussion", rules=FILES)


def _mentions(people: Sequence[Participant]) -> list[PostMention]:
    unique = {one.person_id: one for one in people}
    if len(unique) > MOST_MENTIONS:
        raise Invalid(
            {
                "mentions": ngettext(
                    "At most %(num)d person can be named.", "At most %(num)d people can be named.", MOST_MENTIONS
                )
            }
        )
    return [
        PostMention(
            person_id=one.person_id,
            identity_id=one.identity.id if one.identity else None,
            guest_id=one.guest.id if one.guest else None,
        )
        for one in unique.values()
    ]


def _why_waiting(actor: Actor, place: Place, forum: Forum, text: str) -> str:
    if place.moderates:
        return ""
    if is_caught(text):
        return WORDS
    moderated = forum.moderated if place.moderated is None else place.moderated
    if not (moderated and actor.is_pupil):
        return ""
    before = (
        select(Post.id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Thread.forum_id == forum.id, Post.person_id == actor.person_id, Post.state == SHOWN)
    )
    return "" if db.session.scalar(before.limit(1)) else FIRST


def note_newest(thread: Thread) -> None:
    """Keep with the thread when its newest shown post came; None when there is none."""
    db.session.flush()
    newest = select(func.max(Post.shown_at)).where(Post.thread_id == thread.id, Post.state == SHOWN)
    thread.last_post_at = db.session.scalar(newest)


def edit_post(
    *,
    actor: Actor,
    place: Place,
    post: Post,
    seen: int,
    text: str,
    new_files: Collection[int] = (),
    dropped_files: Collection[int] = (),
) -> Posted:
    """Other words, or other files; what it said before is kept. Raises Invalid, Outdated."""
    left = [each for each in post.files if each.file_id not in dropped_files]
    _check_text(text, has_files=bool(left or new_files))
    if len(left) + len(new_files) > FILES.most:
        raise Invalid({"files": ngettext("At most %(num)d file fits.", "At most %(num)d files fit.", FILES.most)})
    before = post.text
    first = select(func.min(Post.id)).where(Post.thread_id == post.thread_id)
    title = post.thread.title if db.session.scalar(first) == post.id else ""
    changed = change(post, seen, text=text, stems=indexed(f"{title} {text}"))
    gone = [each for each in post.files if each not in left]
    post.files = [*left, *(PostFile(file=file) for file in _taken(actor, new_files))]
    if not (changed or gone or new_files):
        return Posted(post, post.waits_for if post.state == WAITING else "")
    db.session.flush()
    release(actor=actor, files=[each.file for each in gone])
    if changed:
        db.session.add(PostVersion(post_id=post.id, text=before))
    post.edited_at = utcnow()
    _judge_again(actor, place, post, f"{title} {text}")
    place.noted(post)
    audit.record(actor, "post.edit", "post", post.id, concerns=place.organization_id)
    return Posted(post, post.waits_for if post.state == WAITING else "")


def _judge_again(actor: Actor, place: Place, post: Post, text: str) -> None:
    """A listed word makes it wait, also when others have read it; one that waited for a word alone is shown without it."""
    why = _why_waiting(actor, place, post.thread.forum, text)
    if post.state == HIDDEN or (post.state == SHOWN and why != WORDS):
        return
    post.waits_for, post.state = why, WAITING if why else SHOWN
    if not why:
        post.shown_at = post.shown_at or utcnow()
    note_newest(post.thread)


def delete_post(*, actor: Actor, place: Place, post: Post) -> None:
    """Its author takes it back: a mark stays, the words go – when somebody has reported them, once that is settled."""
    if post.deleted_at is not None:
        return
    post.deleted_at = utcnow()
    reported = select(PostReport.id).where(PostReport.post_id == post.id, PostReport.settled_at.is_(None)).limit(1)
    if db.session.scalar(reported) is None:
        wipe(actor=actor, post=post)
    place.noted(post)
    audit.record(actor, "post.delete", "post", post.id, concerns=place.organization_id)


def wipe(*, actor: Actor, post: Post) -> None:
    """Remove the words and files of a post that was taken back."""
    files = [each.file for each in post.files]
    post.text, post.stems, post.files, post.mentions = "", "", [], []
    if post.state == WAITING:
        post.state = SHOWN if post.shown_at else HIDDEN
    execute(delete(PostVersion).where(PostVersion.post_id == post.id))
    db.session.flush()
    release(actor=actor, files=files)


def mark_read(*, person_id: int, thread_id: int, until: datetime) -> None:
    """The person has seen every post that was shown up to a moment; never back to an earlier one."""
    values = {"person_id": person_id, "thread_id": thread_id, "read_at": until}
    if not insert_if_absent(ReadMark, values):
        mine = (ReadMark.person_id == person_id, ReadMark.thread_id == thread_id, ReadMark.read_at < until)
        execute(update(ReadMark).where(*mine).values(read_at=until).execution_options(synchronize_session=False))
