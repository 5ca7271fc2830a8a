"""Tick lists of pupils whose guardians agree, for coordinators and for teachers whom the organization lets do it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import ngettext

from lti_tool.contexts.guardians import queries
from lti_tool.contexts.guardians.queries import ClassOfPupils
from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.people.names import display_name
from lti_tool.people.privacy.operations import set_guardian
from lti_tool.people.privacy.queries import standings

SIZE = 60
"""Pupils on a page: a whole class."""

blueprint = Blueprint("guardians", __name__)


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("/organizations/<int:organization_id>/privacy/classes")
def contexts(organization_id: int) -> str:
    """The organization's LMS courses, with how far each has come."""
    organization = get_or_none(Organization, organization_id)
    require(g.actor, "guardians.list_classes", organization)
    page = paged(
        queries.contexts_of(organization_id),
        request.args.get("page", 1, type=int),
        lambda number: url_for(".contexts", organization_id=organization_id, page=number),
    )
    found = queries.progress(organization_id, [each.id for each in page.items])
    return render_template("contexts/guardians/contexts.html", organization=organization, page=page, progress=found)


@blueprint.get("/contexts/<int:context_id>/guardians")
def pupils(context_id: int) -> str:
    """The pupils of an LMS course, to be ticked."""
    place = _place(context_id)
    name, which = _asked("name"), _asked("which")
    page = paged(
        queries.pupils(place, name, which),
        request.args.get("page", 1, type=int),
        lambda number: url_for(".pupils", context_id=place.id, name=name or None, which=which or None, page=number),
        size=SIZE,
    )
    people = [each.identity.person_id for each in page.items]
    return render_template(
        "contexts/guardians/pupils.html",
        place=place,
        page=page,
        wanted={"name": name, "which": which},
        standings=standings(place.organization_id, people),
        called=_called,
    )


@blueprint.post("/contexts/<int:context_id>/guardians")
def confirm(context_id: int) -> Any:
    """Confirm for everybody ticked, or take it back."""
    place = _place(context_id)
    ticked = request.form.getlist("person", type=as_key)
    agreed = request.form.get("agreed") != "no"
    changed = set_guardian(
        actor=g.actor,
        organization_id=place.organization_id,
        person_ids=queries.people_among(place, ticked[:SIZE]),
        agreed=agreed,
        basis=request.form.get("basis", "").replace("\0", "").strip(),
    )
    told = ngettext("Changed for %(num)d pupil.", "Changed for %(num)d pupils.", changed)
    flash(told, "success")
    return redirect(
        url_for(".pupils", context_id=place.id, name=_asked("name") or None, which=_asked("which") or None),
        303,
    )


def _place(context_id: int) -> ClassOfPupils:
    place = queries.class_of_pupils(context_id)
    require(g.actor, "guardians.confirm", place)
    if place is None or not place.guardian:
        raise NotFound
    return place


def _asked(name: str) -> str:
    return request.values.get(name, "")[:100].replace("\0", "").strip()


def _called(identity: Identity) -> str:
    return display_name(g.actor, identity)
