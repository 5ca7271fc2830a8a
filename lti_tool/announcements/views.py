"""Screens of announcements: the operator's list and form, and putting one away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.announcements import operations, wording
from lti_tool.announcements.forms import AnnouncementForm
from lti_tool.announcements.models import Announcement
from lti_tool.announcements.showing import look_again
from lti_tool.core import markdown
from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import Invalid, SignInNeeded
from lti_tool.core.i18n import current_time_zone
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.core.versions import Outdated
from lti_tool.core.web import local_path
from lti_tool.organizations.policy import OperatorSignInNeeded

blueprint = Blueprint("announcements", __name__)
ALL = "announcements"
"""The thing that rules about the list are asked for."""


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise OperatorSignInNeeded if request.path.startswith("/operator/") else SignInNeeded


@blueprint.get("/operator/announcements")
def index() -> str:
    """All there were, the newest first."""
    require(g.actor, "announcement.write", ALL)
    newest = select(Announcement).order_by(Announcement.ends_at.desc(), Announcement.id.desc())
    number = request.args.get("page", 1, type=int)
    page = paged(newest, number, lambda wanted: url_for(".index", page=wanted))
    return _page("index", page=page, now=utcnow(), render=markdown.render)


@blueprint.route("/operator/announcements/new", methods=["GET", "POST"])
def new() -> Any:
    """Write one."""
    require(g.actor, "announcement.write", ALL)
    form = AnnouncementForm()
    if request.method == "GET":
        form.begin(utcnow())
    elif form.validate_on_submit():
        try:
            operations.add_announcement(actor=g.actor, said=form.value())
        except Invalid as error:
            _show_faults(form, error)
        else:
            return _saved()
    return _form(form, None)


@blueprint.route("/operator/announcements/<int:announcement_id>", methods=["GET", "POST"])
def edit(announcement_id: int) -> Any:
    """Change one, also prolong or end it by its times."""
    found = _announcement("announcement.write", announcement_id)
    form = AnnouncementForm(obj=found)
    if request.method == "GET":
        form.show(found)
    elif form.validate_on_submit():
        try:
            operations.change_announcement(actor=g.actor, announcement=found, said=form.value(), seen=form.seen)
        except Invalid as error:
            _show_faults(form, error)
        except Outdated as error:
            form.form_errors = [str(error.message), _("Saving once more replaces it by yours.")]
            form.now_from(found.version)
            return _form(form, found, 409)
        else:
            return _saved()
    return _form(form, found)


@blueprint.post("/operator/announcements/<int:announcement_id>/end")
def end(announcement_id: int) -> Any:
    """Show it no longer."""
    operations.end_announcement(actor=g.actor, announcement=_announcement("announcement.write", announcement_id))
    look_again()
    flash(_("Ended: nobody is shown it any more."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/announcements/<int:announcement_id>/dismiss")
def dismiss(announcement_id: int) -> Any:
    """Put it away."""
    operations.dismiss_announcement(actor=g.actor, announcement=_announcement("announcement.dismiss", announcement_id))
    return redirect(local_path(request.form.get("next")) or url_for("home.index"), 303)


def _announcement(verb: str, announcement_id: int) -> Announcement:
    found = get_or_none(Announcement, announcement_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def _saved() -> Any:
    look_again()
    flash(_("Saved. It is shown within a minute of its beginning."), "success")
    return redirect(url_for(".index"), 303)


def _form(form: AnnouncementForm, announcement: Announcement | None, status: int = 0) -> tuple[str, int]:
    shown = _page("form", form=form, announcement=announcement, zone=current_time_zone())
    return shown, status or (422 if form.errors or form.form_errors else 200)


def _show_faults(form: AnnouncementForm, error: Invalid) -> None:
    for name, text in error.errors.items():
        form[name].errors = [*form[name].errors, text]


def _page(template: str, **values: Any) -> str:
    words = {"kinds": wording.KINDS, "audiences": wording.AUDIENCES, "looks": wording.LOOKS}
    return render_template(f"announcements/{template}.html", **words, **values)


blueprint.add_app_template_global(lambda kind: wording.LOOKS[kind], "announcement_look")
