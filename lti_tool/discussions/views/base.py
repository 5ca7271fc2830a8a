"""What the screens of discussions share: how a thing is found and judged, names by the privacy rule, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, url_for

from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.markdown import render as markdown
from lti_tool.core.policy import allows, require
from lti_tool.discussions import wording
from lti_tool.discussions.models import Post, PostMention, Thread
from lti_tool.discussions.places import Participant, Place, place_of
from lti_tool.discussions.policy import Spot
from lti_tool.discussions.queries import Reader, forum_of, page_of, threads
from lti_tool.people.actor import Actor
from lti_tool.people.names import display_name, guest_name, school_name

blueprint = Blueprint("discussions", __name__, url_prefix="/discussions")


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


def actor() -> Actor:
    """Who is signed in; the blueprint lets nobody else this far."""
    signed_in: Actor = g.actor
    return signed_in


def reader_of(place: Place) -> Reader:
    """The actor as a reader of the place."""
    return Reader.of(actor(), place)


def spot_at(verb: str, name: str) -> Spot:
    """The place and its forum, when the actor may do `verb`; NotFound when they may not even read there."""
    spot = Spot(place_of(actor(), name), forum_of(name))
    require(actor(), verb, spot, see="forum.read")
    return spot


def thread_for(verb: str, thread_id: int) -> Spot:
    """The thread, in the same way; one that nobody but its author and moderators see is not there for others."""
    thread = get_or_none(Thread, thread_id)
    if thread is None:
        raise NotFound
    spot = Spot(place_of(actor(), thread.forum.place), thread.forum, thread)
    seen = threads(thread.forum_id, reader_of(spot.place)).where(Thread.id == thread_id)
    if (thread.last_post_at is None or spot.place.veiled) and db.session.scalar(seen) is None:
        raise NotFound
    require(actor(), verb, spot, see="forum.read")
    return spot


def post_for(verb: str, post_id: int) -> Spot:
    """The post, in the same way; NotFound when the actor may not read its words."""
    post = get_or_none(Post, post_id)
    if post is None:
        raise NotFound
    thread = post.thread
    spot = Spot(place_of(actor(), thread.forum.place), thread.forum, thread, post)
    require(actor(), verb, spot, see="post.see")
    return spot


@dataclass(frozen=True)
class Author:
    """Who wrote something, as the actor may know them."""

    name: str
    school: str = ""
    """Another organization than the actor's own; else empty."""
    teaches: bool = False


def author_of(written: Post | PostMention | Participant, place: Place) -> Author:
    """The name that the privacy rule allows."""
    if written.identity is not None:
        identity = written.identity
        teaches = identity.id in place.teachers
        name = display_name(actor(), identity, full=place.full_names(identity), teacher=teaches)
        own = identity.registration.organization_id == actor().organization_id
        hides_school = own or actor().is_operator
        return Author(name, "" if hides_school else school_name(identity), teaches)
    assert written.guest is not None
    return Author(guest_name(actor(), written.guest), written.guest.organization.name)


def post_address(post: Post, place: Place) -> str:
    """Where a post stands in its thread."""
    page = page_of(post, reader_of(place))
    number = None if page == 1 else page
    return url_for("discussions.thread", thread_id=post.thread_id, page=number, _anchor=f"post-{post.id}")


def can(verb: str, spot: Spot, post: Post) -> bool:
    """May the actor do this to a post of the page?"""
    return allows(actor(), verb, Spot(spot.place, spot.forum, spot.thread, post))


def allows_there(verb: str, spot: Spot) -> bool:
    """May the actor do this in the place or thread of the page?"""
    return allows(actor(), verb, spot)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A rendered page of this feature."""
    response = make_response(render_template(f"discussions/{template}.html", **values))
    response.status_code = status
    return response


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    words = {"waits": wording.WAITS, "waited": wording.WAITED, "reasons": wording.REASONS}
    return {"author_of": author_of, "can": can, "allows_there": allows_there, "markdown": markdown, **words}
