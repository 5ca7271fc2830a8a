"""The bell's page: what one was told, and whether it also comes by mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.mail import mail_is_set
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.people.notices import operations, queries
from lti_tool.people.notices.kinds import kind_named, kind_names
from lti_tool.people.notices.models import Notice

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
blueprint.add_app_template_global(lambda notice: kind_named(notice.kind), "notice_kind")


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded
    if g.actor.identity_id is None:  # operators and guests are told on their own pages
        raise NotFound


@blueprint.get("")
def index() -> str:
    """All of the last months, the newest first."""
    number = request.args.get("page", 1, type=int)
    page = paged(queries.notices_of(g.actor), number, lambda wanted: url_for(".index", page=wanted))
    return render_template(
        "people/notices/index.html",
        page=page,
        now=utcnow(),
        mail=mail_is_set(),
        address=queries.address_of(g.actor),
        digest=queries.digest_of(g.actor),
    )


@blueprint.post("/<int:notice_id>")
def follow(notice_id: int) -> Any:
    """Go where it leads; it is read."""
    notice = get_or_none(Notice, notice_id)
    if notice is not None and notice.kind not in kind_names():
        notice = None
    require(g.actor, "notice.read", notice)
    assert notice is not None
    operations.mark_read(actor=g.actor, notice=notice)
    return redirect(kind_named(notice.kind).address(notice.facts), 303)


@blueprint.post("/read")
def read_all() -> Any:
    """All that the page showed is read."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
        if until.tzinfo is None:
            abort(400)
        until = until.astimezone(UTC)
    except (ValueError, OverflowError):
        abort(400)
    operations.mark_all_read(actor=g.actor, until=until)
    return redirect(url_for(".index"), 303)


@blueprint.post("/mail")
def mail() -> Any:
    """One mail a day, or none."""
    if request.form.get("daily"):
        operations.agree_to_mail(actor=g.actor)
        flash(_("You get at most one mail a day, and none when nothing is new."), "success")
    else:
        operations.stop_mail(actor=g.actor)
        flash(_("You get no mail any more."), "success")
    return redirect(url_for(".index"), 303)
