"""Writing: a thread, a reply, other words for a post, taking it back."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import as_key
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import Outdated
from lti_tool.discussions.forms import EditForm, PostForm, ThreadForm, show_faults
from lti_tool.discussions.operations import posting
from lti_tool.discussions.operations.posting import FILES, Draft, Posted
from lti_tool.discussions.places import Participant
from lti_tool.discussions.policy import Spot
from lti_tool.discussions.views.base import actor, blueprint, page, post_address, post_for, spot_at, thread_for
from lti_tool.discussions.views.reading import key_of, people, thread_page
from lti_tool.files.forms import accept_files, picked
from lti_tool.files.models import StoredFile

accept_files(blueprint, {f"discussions.{view}": FILES for view in ("new_thread", "reply", "edit")})


@blueprint.route("/<name>/new", methods=["GET", "POST"])
def new_thread(name: str) -> Any:
    """A new thread with its first post."""
    spot = spot_at("forum.write", name)
    form, files = ThreadForm(), _files()
    if not form.validate_on_submit():
        return _thread_form(spot, form, files, status=422 if form.errors else 200)
    try:
        draft = _draft(spot, form, files)
        posted = posting.start_thread(actor=actor(), place=spot.place, title=form.title.data or "", draft=draft)
    except Invalid as invalid:
        faults = show_faults(form, invalid.errors)
        return _thread_form(spot, form, files, status=422, faults=faults)
    return _sent(spot, posted)


def _thread_form(spot: Spot, form: ThreadForm, files: list[StoredFile], *, status: int, faults: Any = ()) -> Response:
    shown = {"people": people(spot), "named": request.form.getlist("mention"), "rules": FILES}
    return page("new", status=status, spot=spot, place=spot.place, form=form, files=files, faults=list(faults), **shown)


@blueprint.post("/threads/<int:thread_id>/reply")
def reply(thread_id: int) -> Any:
    """A post in a thread. Whatever is wrong, the text comes back."""
    spot = thread_for("forum.read", thread_id)
    assert spot.thread is not None
    form, files = PostForm(), _files()
    again = {"files": files, "named": request.form.getlist("mention")}
    if not form.validate_on_submit():
        return thread_page(spot, form, status=422, **again)
    try:
        posted = posting.reply(
            actor=actor(),
            place=spot.place,
            thread=spot.thread,
            draft=_draft(spot, form, files),
            reply_to=request.form.get("reply_to", type=as_key),
        )
    except Invalid as invalid:
        return thread_page(spot, form, status=422, faults=show_faults(form, invalid.errors), **again)
    except Conflict as closed:
        return thread_page(spot, form, status=409, closed=closed.message, **again)
    return _sent(spot, posted)


def _files() -> list[StoredFile]:
    return list(picked(actor(), rules=FILES)) if request.method == "POST" else []


def _draft(spot: Spot, form: PostForm, files: list[StoredFile]) -> Draft:
    ids = tuple(file.id for file in files)
    return Draft(form.text.data or "", form.once.data or "", ids, _named(spot))


def _named(spot: Spot) -> list[Participant]:
    """Who is named: only people of this place."""
    wanted = set(request.form.getlist("mention"))
    if not wanted:
        return []
    return [one for one in spot.place.participants() if key_of(one) in wanted and one.person_id != actor().person_id]


def _sent(spot: Spot, posted: Posted) -> Any:
    flash(_("Sent. A teacher reads it first.") if posted.waits_for else _("Sent."), "success")
    return redirect(post_address(posted.post, spot.place), 303)


@blueprint.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
def edit(post_id: int) -> Any:
    """Other words and files for a post of one's own."""
    spot = post_for("post.edit", post_id)
    assert spot.post is not None
    form = EditForm()
    if request.method == "GET":
        form.text.data, form.version.data = spot.post.text, spot.post.version
        return _edit_form(spot, form)
    files = _files()
    if not form.validate_on_submit():
        return _edit_form(spot, form, files, status=422)
    try:
        posted = posting.edit_post(
            actor=actor(),
            place=spot.place,
            post=spot.post,
            seen=form.seen,
            text=form.text.data or "",
            new_files=[file.id for file in files],
            dropped_files=request.form.getlist("drop", type=as_key),
        )
    except Outdated:
        theirs = spot.post.text
        form.now_from(spot.post.version)
        return _edit_form(spot, form, files, status=409, theirs=theirs)
    except Invalid as invalid:
        return _edit_form(spot, form, files, status=422, faults=show_faults(form, invalid.errors))
    flash(_("Changed. A teacher reads it first.") if posted.waits_for else _("Changed."), "success")
    return redirect(post_address(posted.post, spot.place), 303)


def _edit_form(
    spot: Spot, form: EditForm, files: Any = (), *, status: int = 200, faults: Any = (), theirs: str = ""
) -> Any:
    shown = {"files": files, "faults": list(faults), "theirs": theirs, "rules": FILES}
    return page("edit", status=status, spot=spot, place=spot.place, post=spot.post, form=form, **shown)


@blueprint.post("/posts/<int:post_id>/delete")
def delete(post_id: int) -> Any:
    """Take a post of one's own back."""
    spot = post_for("post.delete", post_id)
    assert spot.post is not None
    posting.delete_post(actor=actor(), place=spot.place, post=spot.post)
    flash(_("Your message was deleted."), "success")
    return redirect(url_for(".thread", thread_id=spot.post.thread_id), 303)
