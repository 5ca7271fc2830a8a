"""The coordinator's screens: what is asked, the texts, and where the organization's own people stand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core import markdown
from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import Invalid, NotFound, SignInNeeded
from lti_tool.core.paging import paged
from lti_tool.core.policy import allows, require
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.people.names import display_name
from lti_tool.people.privacy import operations, queries, wording
from lti_tool.people.privacy.forms import ChoiceForm, TextForm, number
from lti_tool.people.privacy.views.own import VERSIONS_SHOWN

WORDS = 8
"""Words of a search that count."""

blueprint = Blueprint("privacy_office", __name__, url_prefix="/organizations/<int:organization_id>/privacy")


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("")
def index(organization_id: int) -> str:
    """Counts for the operator; for coordinators also what is asked and the texts."""
    return _index(_organization("privacy.count", organization_id))


@blueprint.post("")
def choose(organization_id: int) -> Any:
    """Decide what is asked."""
    organization = _organization("privacy.choose", organization_id)
    form = ChoiceForm()
    if not form.validate_on_submit():
        return _index(organization, form), 422
    operations.choose(actor=g.actor, organization_id=organization.id, choice=form.value())
    flash(_("Saved."), "success")
    return redirect(url_for(".index", organization_id=organization.id), 303)


def _index(organization: Organization, form: ChoiceForm | None = None) -> str:
    setting = queries.setting_of(organization.id)
    values: dict[str, Any] = {"organization": organization, "setting": setting, "counts": queries.counts(setting)}
    if allows(g.actor, "privacy.write", organization):
        asks = "consent" if setting.requires_consent else "notice"
        values["form"] = form or ChoiceForm(obj=setting, ask=asks)
        values["draft"] = queries.draft_of(organization.id)
        values["versions"] = db.session.scalars(queries.versions(organization.id).limit(VERSIONS_SHOWN)).all()
    return render_template("people/privacy/office.html", names=wording.STATE_NAMES, **values)


@blueprint.route("/draft", methods=["GET", "POST"])
def draft(organization_id: int) -> Any:
    """Write the texts."""
    organization = _organization("privacy.write", organization_id)
    found = queries.draft_of(organization.id)
    setting = queries.setting_of(organization.id)
    form = TextForm(obj=found or queries.version(organization.id, setting.current))
    if request.method == "GET":
        form.revision.data = str(found.revision if found else 0)
    elif form.validate_on_submit():
        revision = form.revision_number()
        operations.save_draft(actor=g.actor, organization_id=organization.id, texts=form.texts(), revision=revision)
        flash(_("The draft has been saved. Nobody but coordinators sees it yet."), "success")
        return redirect(url_for(".preview", organization_id=organization.id), 303)
    page = render_template("people/privacy/draft.html", organization=organization, form=form)
    return page, 422 if form.errors else 200


@blueprint.get("/preview")
def preview(organization_id: int) -> str:
    """The draft as people will see it, and what it changes."""
    return _preview(_organization("privacy.write", organization_id))


@blueprint.post("/publish")
def publish(organization_id: int) -> Any:
    """Make the draft the text in force."""
    organization = _organization("privacy.write", organization_id)
    revision, again = number(request.form.get("revision")), "ask_again" in request.form
    try:
        made = operations.publish(actor=g.actor, organization_id=organization.id, revision=revision, ask_again=again)
    except Invalid as invalid:
        return _preview(organization, fault=invalid.errors["text"]), 422
    flash(_("Version %(number)d is in force.", number=made), "success")
    return redirect(url_for(".index", organization_id=organization.id), 303)


@blueprint.post("/discard")
def discard(organization_id: int) -> Any:
    """Throw the draft away."""
    organization = _organization("privacy.write", organization_id)
    operations.discard_draft(actor=g.actor, organization_id=organization.id)
    flash(_("The draft has been thrown away."), "success")
    return redirect(url_for(".index", organization_id=organization.id), 303)


@blueprint.get("/people")
def people(organization_id: int) -> str:
    """The organization's own people and where they stand, page by page."""
    organization = _organization("privacy.see_people", organization_id)
    setting = queries.setting_of(organization.id)
    name = request.args.get("name", "")[:100].replace("\0", "").strip()
    state = request.args.get("state", "")
    page = paged(
        queries.own_people(setting, state, name.split()[:WORDS]),
        request.args.get("page", 1, type=int),
        lambda at: url_for(".people", organization_id=organization_id, name=name or None, state=state, page=at),
    )
    return render_template(
        "people/privacy/people.html",
        organization=organization,
        setting=setting,
        page=page,
        wanted={"name": name, "state": state},
        standings=queries.standings(organization.id, [each.person_id for each in page.items]),
        standing_of=lambda found: queries.standing_in_words(setting, found),
        names=wording.STATE_NAMES,
        called=_called,
    )


@blueprint.get("/people/<int:person_id>")
def person(organization_id: int, person_id: int) -> str:
    """One person's standing and history."""
    organization = _organization("privacy.see_people", organization_id)
    identity = _identity(organization.id, person_id)
    return render_template(
        "people/privacy/person.html",
        organization=organization,
        identity=identity,
        setting=queries.setting_of(organization.id),
        standing=queries.standing_of(organization.id, person_id),
        events=queries.history(organization.id, person_id),
        kinds=wording.KINDS,
        called=_called,
    )


@blueprint.post("/people/<int:person_id>/guardian")
def guardian(organization_id: int, person_id: int) -> Any:
    """Confirm that a guardian agrees, or take that back."""
    organization = _organization("privacy.confirm_guardians", organization_id)
    _identity(organization.id, person_id)
    agreed = request.form.get("agreed") == "yes"
    basis = request.form.get("basis", "").replace("\0", "").strip()
    operations.set_guardian(
        actor=g.actor, organization_id=organization.id, person_ids=[person_id], agreed=agreed, basis=basis
    )
    flash(_("Saved."), "success")
    return redirect(url_for(".person", organization_id=organization.id, person_id=person_id), 303)


def _preview(organization: Organization, fault: Any = "") -> str:
    found = queries.draft_of(organization.id)
    if found is None:
        raise NotFound
    current = queries.version(organization.id, queries.setting_of(organization.id).current)
    assert current is not None
    changed = wording.differences(current, found)
    values = {"organization": organization, "draft": found, "changed": changed, "fault": fault}
    return render_template("people/privacy/preview.html", parts=wording.PART_NAMES, render=markdown.render, **values)


def _organization(verb: str, organization_id: int) -> Organization:
    found = get_or_none(Organization, organization_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def _identity(organization_id: int, person_id: int) -> Identity:
    found = queries.identity_in(organization_id, person_id)
    if found is None:
        raise NotFound
    return found


def _called(identity: Identity) -> str:
    return display_name(g.actor, identity)
