"""Everybody's own screens: the notice, the question before the work, "My data and consent"."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core import markdown
from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.i18n import current_locale
from lti_tool.core.policy import require
from lti_tool.core.web import local_path
from lti_tool.organizations.models import Organization
from lti_tool.people.privacy import operations, queries, wording
from lti_tool.people.privacy.forms import number
from lti_tool.people.privacy.models import BUILT_IN, PrivacySetting
from lti_tool.people.privacy.views import gate

VERSIONS_SHOWN = 20

blueprint = Blueprint("privacy", __name__, url_prefix="/privacy")
blueprint.before_app_request(gate.hold_back)
OPEN_VIEWS = {"privacy.notice"}


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None and request.endpoint not in OPEN_VIEWS:
        raise SignInNeeded


@blueprint.get("/notice")
def notice() -> str:
    """The notice in force: of the reader's organization, or the built-in one for who comes from none."""
    organization = get_or_none(Organization, (g.actor.organization_id if g.actor else None) or 0)
    setting = queries.setting_of(organization.id) if organization else PrivacySetting(contact="", current=BUILT_IN)
    versions: Any = ()
    texts: Any = queries.BuiltIn()
    if organization is not None:
        texts = queries.version(organization.id, setting.current)
        versions = db.session.scalars(queries.versions(organization.id).limit(VERSIONS_SHOWN)).all()
    values = {"organization": organization, "setting": setting, "texts": texts, "versions": versions}
    return render_template("people/privacy/notice.html", **values, **_words())


@blueprint.get("/versions/<int:number>")
def version(number: int) -> str:
    """A version of the own organization's texts, and what it changed."""
    organization = _own("privacy.read")
    texts = queries.version(organization.id, number)
    before = queries.version(organization.id, number - 1) if number > BUILT_IN else None
    if texts is None:
        raise NotFound
    changed = wording.differences(before, texts) if before else []
    values = {"organization": organization, "texts": texts, "number": number, "changed": changed}
    return render_template("people/privacy/version.html", **values, **_words())


@blueprint.get("/consent")
def ask() -> Any:
    """The gate's page: the question, or why somebody waits; on to where they were going when nothing is in the way."""
    onward = _onward(request.args.get("next"))
    if not g.actor.held:
        return redirect(onward, 303)
    organization = _own("privacy.answer")
    setting = queries.setting_of(organization.id)
    texts = queries.version(organization.id, setting.current)
    values = {"organization": organization, "setting": setting, "texts": texts, "onward": onward}
    return render_template("people/privacy/ask.html", **values, **_words())


@blueprint.post("/consent")
def answer() -> Any:
    """Yes or no."""
    _own("privacy.answer")
    agrees = request.form.get("answer") == "agree"
    operations.answer(actor=g.actor, version=number(request.form.get("version")), agrees=agrees)
    onward = _onward(request.form.get("next"))
    return redirect(onward if agrees else url_for(".ask", next=onward), 303)


@blueprint.get("/mine")
def mine() -> str:
    """What the reader agreed to, its history, and how to take it back."""
    organization = _own("privacy.answer")
    setting = queries.setting_of(organization.id)
    standing = queries.standing_of(organization.id, g.actor.person_id)
    events = queries.history(organization.id, g.actor.person_id)
    values = {"organization": organization, "setting": setting, "standing": standing, "events": events}
    return render_template("people/privacy/mine.html", **values, **_words())


@blueprint.post("/withdraw")
def withdraw() -> Any:
    """Take consent back."""
    _own("privacy.answer")
    operations.withdraw(actor=g.actor)
    flash(_("Your consent has been taken back."), "info")
    return redirect(url_for(".mine"), 303)


@blueprint.post("/noted")
def noted() -> Any:
    """Put the note about the notice away."""
    _own("privacy.answer")
    operations.put_note_away(actor=g.actor)
    return redirect(_onward(request.form.get("next")), 303)


def _own(verb: str) -> Organization:
    organization = get_or_none(Organization, g.actor.organization_id or 0)
    require(g.actor, verb, organization)
    assert organization is not None
    return organization


def _onward(target: str | None) -> str:
    return local_path(target) or url_for("home.index")


def _words() -> dict[str, Any]:
    """What the templates say texts and states with."""
    locale = current_locale()
    return {
        "notice_html": lambda texts: markdown.render(wording.notice(texts, locale)),
        "consent_html": lambda texts: markdown.render(wording.consent(texts, locale)),
        "kinds": wording.KINDS,
    }
