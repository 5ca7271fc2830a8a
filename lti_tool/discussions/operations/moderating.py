"""Deciding about what others wrote: reporting it, showing what waits, hiding, locking, the rules of a forum."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import update

from lti_tool.core import audit
from lti_tool.core.db import execute, insert_if_absent, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.discussions.models import HIDDEN, SHOWN, Post, PostReport, Thread
from lti_tool.discussions.operations.posting import forum_at, note_newest, wipe
from lti_tool.discussions.places import Place
from lti_tool.discussions.telling import tell_of
from lti_tool.discussions.wording import REASONS
from lti_tool.people.actor import Actor

LONGEST_NOTE = 1000


def report(*, actor: Actor, place: Place, post: Post, reason: str, note: str) -> None:
    """Tell the moderators of a place that a post is out of place; once for each person. Raises Invalid."""
    if reason not in REASONS:
        raise Invalid({"reason": _("Choose what is wrong with it.")})
    if len(note) > LONGEST_NOTE:
        raise Invalid({"note": _("This text is too long.")})
    values = {"post_id": post.id, "person_id": actor.person_id, "reason": reason, "note": note}
    if insert_if_absent(PostReport, {**values, "created_at": utcnow()}):
        # who reported is kept from everybody in the place, and so from the trail that coordinators read
        audit.record(None, "post.report", "post", post.id, concerns=place.organization_id, reason=reason)


def show(*, actor: Actor, place: Place, post: Post) -> None:
    """Let everybody read a post that waits or is hidden; its reports are settled with it."""
    _settle(actor, post)
    if post.state == SHOWN:
        return
    if post.shown_at is None:
        tell_of(post)
    post.state, post.shown_at = SHOWN, post.shown_at or utcnow()
    note_newest(post.thread)
    place.noted(post)
    audit.record(actor, "post.show", "post", post.id, concerns=place.organization_id)


def hide(*, actor: Actor, place: Place, post: Post) -> None:
    """Take a post away from everybody but its author and moderators; its reports are settled with it."""
    _settle(actor, post)
    if post.state == HIDDEN:
        return
    post.state = HIDDEN
    note_newest(post.thread)
    place.noted(post)
    audit.record(actor, "post.hide", "post", post.id, concerns=place.organization_id)


def settle(*, actor: Actor, place: Place, post: Post) -> None:
    """The reports of a post have been looked at, and it may stay as it is."""
    if _settle(actor, post):
        audit.record(actor, "post.settle", "post", post.id, concerns=place.organization_id)


def _settle(actor: Actor, post: Post) -> bool:
    still_open = (PostReport.post_id == post.id, PostReport.settled_at.is_(None))
    settled = execute(update(PostReport).where(*still_open).values(settled_at=utcnow())).rowcount > 0
    if post.deleted_at is not None and post.text:
        wipe(actor=actor, post=post)
    return settled


def change_thread(*, actor: Actor, place: Place, thread: Thread, locked: bool, pinned: bool) -> None:
    """Close a thread for writing or open it; keep it on top or not."""
    if (thread.locked, thread.pinned) == (locked, pinned):
        return
    thread.locked, thread.pinned = locked, pinned
    audit.record(
        actor, "thread.change", "thread", thread.id, concerns=place.organization_id, locked=locked, pinned=pinned
    )


def change_forum(*, actor: Actor, place: Place, moderated: bool, closed: bool) -> None:
    """Whether first posts of pupils wait, and whether anybody may write at all."""
    forum = forum_at(place)
    if (forum.moderated, forum.closed) == (moderated, closed):
        return
    forum.moderated, forum.closed = moderated, closed
    audit.record(
        actor, "forum.change", "forum", forum.id, concerns=place.organization_id, moderated=moderated, closed=closed
    )
