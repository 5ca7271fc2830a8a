"""Reporting a post, and what moderators of a place do."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.paging import paged
from lti_tool.discussions import queries
from lti_tool.discussions.forms import ForumForm, ReportForm, show_faults
from lti_tool.discussions.operations import moderating
from lti_tool.discussions.views.base import actor, blueprint, page, post_address, post_for, spot_at, thread_for
from lti_tool.discussions.views.reading import page_number

DECISIONS = {"show": moderating.show, "hide": moderating.hide, "settle": moderating.settle}


@blueprint.route("/posts/<int:post_id>/report", methods=["GET", "POST"])
def report(post_id: int) -> Any:
    """Tell the moderators that a post is out of place."""
    spot = post_for("post.report", post_id)
    assert spot.post is not None
    form, status = ReportForm(), 200
    if form.validate_on_submit():
        try:
            moderating.report(
                actor=actor(),
                place=spot.place,
                post=spot.post,
                reason=form.reason.data or "",
                note=form.note.data or "",
            )
        except Invalid as invalid:
            show_faults(form, invalid.errors)
        else:
            flash(_("Thank you. A teacher will look at it, and nobody else learns who told."), "success")
            return redirect(post_address(spot.post, spot.place), 303)
    if form.errors:
        status = 422
    return page("report", status=status, spot=spot, place=spot.place, post=spot.post, form=form)


@blueprint.get("/<name>/queue")
def queue(name: str) -> Response:
    """What waits for a moderator of the place."""
    spot = spot_at("forum.moderate", name)
    shown: dict[str, Any] = {"spot": spot, "place": spot.place, "posts": None, "reports": {}}
    if spot.forum is not None:
        rows = paged(
            queries.queue(spot.forum.id), page_number(), lambda number: url_for(".queue", name=name, page=number)
        )
        shown |= {"posts": rows, "reports": queries.open_reports([post.id for post in rows.items])}
    return page("queue", **shown)


@blueprint.post("/posts/<int:post_id>/decide")
def decide(post_id: int) -> Any:
    """Show, hide, or find that all is well."""
    spot = post_for("forum.moderate", post_id)
    assert spot.post is not None
    decision = DECISIONS.get(request.form.get("decision", ""))
    if decision is None:
        raise Invalid({"decision": _("The request could not be understood.")})
    decision(actor=actor(), place=spot.place, post=spot.post)
    flash(_("Done."), "success")
    if request.form.get("back") == "queue":
        return redirect(url_for(".queue", name=spot.place.name), 303)
    return redirect(post_address(spot.post, spot.place), 303)


@blueprint.post("/threads/<int:thread_id>/state")
def thread_state(thread_id: int) -> Any:
    """Lock or open a thread, pin it or not."""
    spot = thread_for("forum.moderate", thread_id)
    assert spot.thread is not None
    locked, pinned = (request.form.get(name) == "yes" for name in ("locked", "pinned"))
    moderating.change_thread(actor=actor(), place=spot.place, thread=spot.thread, locked=locked, pinned=pinned)
    flash(_("Done."), "success")
    return redirect(url_for(".thread", thread_id=thread_id), 303)


@blueprint.route("/<name>/rules", methods=["GET", "POST"])
def rules(name: str) -> Any:
    """How the place is moderated."""
    spot = spot_at("forum.moderate", name)
    if spot.place.moderated is not None:
        raise NotFound
    form = ForumForm(obj=spot.forum)
    if form.validate_on_submit():
        moderating.change_forum(
            actor=actor(), place=spot.place, moderated=bool(form.moderated.data), closed=bool(form.closed.data)
        )
        flash(_("Saved."), "success")
        return redirect(url_for(".forum", name=name), 303)
    return page("rules", spot=spot, place=spot.place, form=form)
