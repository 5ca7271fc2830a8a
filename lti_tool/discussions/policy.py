"""Who may do what in discussions. What an actor may do in a place is said by the feature it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from lti_tool.core.db import utcnow
from lti_tool.core.policy import Predicate, says
from lti_tool.discussions.models import HIDDEN, SHOWN, WAITING, Forum, Post, Thread
from lti_tool.discussions.places import Place
from lti_tool.people.actor import Actor
from lti_tool.people.policy import is_operator

EDIT_FOR = timedelta(minutes=30)
"""How long an author may change the words others are reading already."""


@dataclass(frozen=True)
class Spot:
    """A place, and what of it is meant."""

    place: Place
    forum: Forum | None = None
    thread: Thread | None = None
    post: Post | None = None


@says(_l("Whoever takes part in the place, as its course or project says"))
def reads_there(_actor: Actor, spot: Spot) -> bool:
    return spot.place.reads


@says(_l("Whoever may write in the place, while forum and thread are open"))
def writes_there(_actor: Actor, spot: Spot) -> bool:
    closed = (spot.forum is not None and spot.forum.closed) or (spot.thread is not None and spot.thread.locked)
    return spot.place.writes and (not closed or spot.place.moderates)


@says(_l("Whoever may write in the place, where its course or project lets them begin threads"))
def begins_there(actor: Actor, spot: Spot) -> bool:
    return writes_there(actor, spot) and spot.place.begins is not False


@says(_l("A moderator of the place"))
def moderates_there(_actor: Actor, spot: Spot) -> bool:
    return spot.place.moderates


@says(
    _l(
        "Whoever takes part in the place; what waits or is hidden, only its author and moderators; before writing, only teachers' messages where the place says so"
    )
)
def sees_post(actor: Actor, spot: Spot) -> bool:
    post = spot.post
    if post is None or not spot.place.reads:
        return False
    veiled = spot.place.veiled and post.identity_id not in spot.place.teachers
    shown = (post.state == SHOWN or spot.place.moderates) and not veiled
    return shown or post.person_id == actor.person_id


@says(_l("Its author, for half an hour, or while it waits for a moderator"))
def may_edit(actor: Actor, spot: Spot) -> bool:
    post = spot.post
    if post is None or post.person_id != actor.person_id or not is_there(post) or not writes_there(actor, spot):
        return False
    return post.state == WAITING or post.created_at > utcnow() - EDIT_FOR


@says(_l("Its author"))
def wrote_it(actor: Actor, spot: Spot) -> bool:
    return spot.post is not None and spot.post.person_id == actor.person_id and spot.post.deleted_at is None


@says(_l("Whoever reads it, did not write it and does not moderate there"))
def may_report(actor: Actor, spot: Spot) -> bool:
    post = spot.post
    return (
        post is not None
        and not spot.place.moderates
        and post.person_id != actor.person_id
        and is_there(post)
        and post.state == SHOWN
    )


def is_there(post: Post) -> bool:
    """Neither taken back nor taken away."""
    return post.deleted_at is None and post.state != HIDDEN


RULES: dict[str, tuple[Predicate, ...]] = {
    "forum.read": (reads_there,),
    "forum.write": (writes_there,),
    "thread.begin": (begins_there,),
    "forum.moderate": (moderates_there,),
    "post.see": (sees_post,),
    "post.edit": (may_edit,),
    "post.delete": (wrote_it,),
    "post.report": (may_report,),
    "filter.edit": (is_operator,),  # the hub
}
ACTS = {
    "forum.read": _l("Read a discussion"),
    "forum.write": _l("Write in a discussion"),
    "thread.begin": _l("Begin a thread in a discussion"),
    "forum.moderate": _l("Moderate a discussion"),
    "post.see": _l("See a message"),
    "post.edit": _l("Change a message"),
    "post.delete": _l("Delete a message"),
    "post.report": _l("Report a message"),
    "filter.edit": _l("Change the list of filtered words"),
}
