"""Reading: the threads of a place, one thread, what it said before, files, the search."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from lti_tool.core.db import as_key, db, end_reading, get_or_none, unit_of_work
from lti_tool.core.errors import NotFound
from lti_tool.core.paging import LAST, paged
from lti_tool.core.policy import allows
from lti_tool.discussions import queries
from lti_tool.discussions.forms import PostForm
from lti_tool.discussions.models import SHOWN, Post, PostFile
from lti_tool.discussions.operations.posting import FILES, mark_read
from lti_tool.discussions.policy import Spot
from lti_tool.discussions.views.base import (
    actor,
    author_of,
    blueprint,
    page,
    post_address,
    post_for,
    spot_at,
    thread_for,
)
from lti_tool.files.views import serve

LONGEST_QUERY = 100


def page_number() -> int:
    """The page asked for, at least 1."""
    return max(1, min(request.args.get("page", 1, type=int), LAST))


@blueprint.get("/<name>")
def forum(name: str) -> Response:
    """The threads of a place, or what the search finds in them."""
    spot = spot_at("forum.read", name)
    query = " ".join(request.args.get("q", "").split())[:LONGEST_QUERY]
    shown: dict[str, Any] = {"spot": spot, "place": spot.place, "query": query}
    if query:
        return page("found", **shown, hits=_hits(spot, query))
    if spot.forum is None:
        return page("forum", **shown, threads=None)
    me = actor().person_id
    listed = queries.threads(spot.forum.id, person_id=me, moderates=spot.place.moderates)
    rows = paged(listed, page_number(), lambda number: url_for(".forum", name=name, page=number))
    ids = [thread.id for thread in rows.items]
    shown |= {"tallies": queries.tallies(ids, person_id=me), "starters": queries.starters(ids)}
    if spot.place.moderates:
        shown["queue"] = queries.queue_length(spot.forum.id)
    return page("forum", **shown, threads=rows, nothing=queries.Tally())


def _hits(spot: Spot, query: str) -> Any:
    found = queries.found(spot.forum.id, query) if spot.forum else None
    if found is None:
        return None
    return paged(found, page_number(), lambda number: url_for(".forum", name=spot.place.name, q=query, page=number))


@blueprint.get("/threads/<int:thread_id>")
def thread(thread_id: int) -> Any:
    """One page of a thread; what is on it counts as read."""
    spot = thread_for("forum.read", thread_id)
    if "unread" in request.args:
        return _to_first_unread(spot)
    return thread_page(spot, PostForm(formdata=None))


def _to_first_unread(spot: Spot) -> Any:
    assert spot.thread is not None
    found = queries.first_unread(spot.thread.id, person_id=actor().person_id)
    post = db.session.get(Post, found) if found else None
    address = post_address(post, spot.place) if post else url_for(".thread", thread_id=spot.thread.id)
    return redirect(address, 303)


def thread_page(spot: Spot, form: PostForm, *, status: int = 200, **more: Any) -> Response:
    """A page of the thread with the form for a reply."""
    assert spot.thread is not None
    ident, me, moderates = spot.thread.id, actor().person_id, spot.place.moderates
    listed = queries.posts(ident, person_id=me, moderates=moderates)
    address = lambda number: url_for(".thread", thread_id=ident, page=number)  # noqa: E731  # as short as it gets
    rows = paged(listed, page_number(), address, size=queries.POSTS_OF_A_PAGE)
    seen = [post.shown_at for post in rows.items if post.state == SHOWN and post.shown_at]
    response = page(
        "thread",
        status=status,
        spot=spot,
        place=spot.place,
        thread=spot.thread,
        posts=rows,
        reports=queries.open_reports([post.id for post in rows.items]) if moderates else {},
        form=form,
        answered=_answered(spot, rows.items),
        people=people(spot),
        rules=FILES,
        **more,
    )
    if seen and max(seen) > queries.read_until(ident, person_id=me):
        end_reading()  # a reading transaction may not begin to write
        with unit_of_work():
            mark_read(person_id=me, thread_id=ident, until=max(seen))
    return response


def _answered(spot: Spot, shown: Any) -> Post | None:
    """The post that the reply is for."""
    wanted = request.values.get("reply_to", type=as_key)
    on_page = next((post for post in shown if post.id == wanted), None)
    post = on_page or (get_or_none(Post, wanted) if wanted else None)
    thread = spot.thread
    there = post is not None and thread is not None and post.thread_id == thread.id and post.state == SHOWN
    return post if there else None


def people(spot: Spot) -> list[tuple[str, str]]:
    """(key, name) of everybody who can be named in a post here, by the names the actor may read."""
    if not allows(actor(), "forum.write", spot):
        return []
    others = [one for one in spot.place.participants() if one.person_id != actor().person_id]
    return sorted(((key_of(one), author_of(one, spot.place).name) for one in others), key=lambda one: one[1].casefold())


def key_of(participant: Any) -> str:
    """How a form names a participant."""
    return f"i{participant.identity.id}" if participant.identity is not None else f"g{participant.guest.id}"


@blueprint.get("/posts/<int:post_id>")
def post(post_id: int) -> Any:
    """An address of one post that lasts: leads to where it stands, or stood, in its thread."""
    found = get_or_none(Post, post_id)
    if found is None:
        raise NotFound
    spot = thread_for("forum.read", found.thread_id)
    return redirect(post_address(found, spot.place), 303)


@blueprint.get("/posts/<int:post_id>/history")
def history(post_id: int) -> Response:
    """What a post said before it was edited."""
    spot = post_for("post.see", post_id)
    assert spot.post is not None
    if spot.post.deleted_at is not None:
        raise NotFound
    return page("history", spot=spot, place=spot.place, post=spot.post, versions=queries.versions_of(post_id))


@blueprint.get("/files/<int:file_id>")
def file(file_id: int) -> Response:
    """A file of a post, for who may read the post."""
    found = get_or_none(PostFile, file_id)
    if found is None:
        raise NotFound
    spot = post_for("post.see", found.post_id)
    assert spot.post is not None
    if spot.post.deleted_at is not None and not spot.place.moderates:
        raise NotFound
    return serve(found.file)
