"""Everybody's own data: what is kept, and a copy of it to download. Copies that a coordinator asked for are fetched here
as well."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.i18n import current_locale, current_time_zone
from lti_tool.core.policy import require
from lti_tool.core.web import attachment, local_path
from lti_tool.people.belongings import operations, queries, wording
from lti_tool.people.belongings.archive import said, told_pages
from lti_tool.people.belongings.models import READY, Copy
from lti_tool.people.belongings.registry import Subject

ROWS_SHOWN = 20
"""Of each kind, on a page."""

blueprint = Blueprint("my_data", __name__, url_prefix="/my/data")


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("")
def index() -> str:
    """What is kept about the reader."""
    subject = _own()
    return render_template("people/belongings/mine.html", **page_values(subject))


@blueprint.post("/copy")
def copy() -> Any:
    """Have a copy made."""
    operations.ask_for_copy(actor=g.actor, subject=_own(), **reader())
    return redirect(url_for(".index", _anchor="copies"), 303)


@blueprint.get("/copies/<int:copy_id>")
def state(copy_id: int) -> str:
    """How far a copy is: a part of a page."""
    return render_template("people/belongings/_copy.html", copy=_copy(copy_id), states=wording.COPY_STATES)


@blueprint.get("/copies/<int:copy_id>/file")
def file(copy_id: int) -> Response:
    """The ZIP."""
    found = _copy(copy_id)
    if found.state != READY:
        raise NotFound
    return attachment(found.file_key, f"data-{found.person_id}-{found.created_at:%Y-%m-%d}.zip", found.size)


@blueprint.post("/copies/<int:copy_id>/drop")
def drop(copy_id: int) -> Any:
    """Remove a copy before its time."""
    operations.drop_copy(actor=g.actor, copy=_copy(copy_id))
    flash(_("The copy has been removed."), "success")
    return redirect(local_path(request.form.get("next")) or url_for(".index"), 303)


def page_values(subject: Subject) -> dict[str, Any]:
    """What the page about somebody's data shows: rows kind by kind, and the copies the reader asked for."""
    zone = current_time_zone()
    shares = queries.shares(subject)
    return {
        "subject": subject,
        "kinds": list(told_pages(subject, ROWS_SHOWN)),
        "shares": shares,
        "numbers": {(one.belonging.table.name, one.belonging.column): one.count for one in shares},
        "said": lambda belonging, name, value: said(belonging, name, value, zone),
        "copies": [
            each
            for each in queries.copies_for(g.actor.person_id, subject.person_id, subject.organization_id)
            if each.expires_at > utcnow()
        ],
        "states": wording.COPY_STATES,
    }


def reader() -> dict[str, str]:
    """The language and zone a copy is made in."""
    return {"locale": current_locale(), "time_zone": current_time_zone()}


def _own() -> Subject:
    subject = queries.subject_of(g.actor.person_id)
    require(g.actor, "person.see_own_data", subject)
    assert subject is not None
    return subject


def _copy(copy_id: int) -> Copy:
    found = get_or_none(Copy, copy_id)
    require(g.actor, "person.fetch_copy", found)
    assert found is not None
    if found.expires_at <= utcnow():
        raise NotFound(_("This copy is too old and has been removed."), _("Ask for a new one."))
    return found
