"""The coordinator's screens about one person's data: what is kept, a copy of it, erasure, and who is kept out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import NotFound, SignInNeeded
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.organizations.models import Organization
from lti_tool.people.belongings import operations, queries, wording
from lti_tool.people.belongings.models import RefusedSub
from lti_tool.people.belongings.registry import ERASED, Subject
from lti_tool.people.belongings.views.own import page_values, reader
from lti_tool.people.guests.models import Guest
from lti_tool.people.names import display_name, guest_name
from lti_tool.people.privacy.queries import identity_in
from lti_tool.platforms.models import Registration

blueprint = Blueprint("person_data", __name__, url_prefix="/organizations/<int:organization_id>/privacy")


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("/people/<int:person_id>/data")
def index(organization_id: int, person_id: int) -> str:
    """What the organization holds of a person, and the copies asked for."""
    subject = _subject("person.see_data", organization_id, person_id)
    values = {"organization": _organization(organization_id), "called": _called(subject), **page_values(subject)}
    return render_template("people/belongings/person.html", **values)


@blueprint.post("/people/<int:person_id>/data/copy")
def copy(organization_id: int, person_id: int) -> Any:
    """Have a copy made."""
    subject = _subject("person.see_data", organization_id, person_id)
    operations.ask_for_copy(actor=g.actor, subject=subject, **reader())
    return redirect(url_for(".index", organization_id=organization_id, person_id=person_id, _anchor="copies"), 303)


@blueprint.get("/people/<int:person_id>/erase")
def sure(organization_id: int, person_id: int) -> str:
    """What would go and what stays, before anything does."""
    return _sure(_subject("person.erase", organization_id, person_id))


@blueprint.post("/people/<int:person_id>/erase")
def erase(organization_id: int, person_id: int) -> Any:
    """Erase."""
    subject = _subject("person.erase", organization_id, person_id)
    if "sure" not in request.form or request.form.get("later") not in ("newcomer", "refuse"):
        return _sure(subject, missing=True), 422
    operations.erase_person(actor=g.actor, subject=subject, refuse=request.form["later"] == "refuse")
    flash(_("The person has been erased. Files go from the storage within minutes."), "success")
    return redirect(url_for("privacy_office.people", organization_id=organization_id), 303)


@blueprint.get("/refused")
def refused(organization_id: int) -> str:
    """Who was erased and is kept out."""
    organization = _organization(organization_id)
    require(g.actor, "person.admit", organization)
    page = paged(
        queries.refused(organization_id),
        request.args.get("page", 1, type=int),
        lambda at: url_for(".refused", organization_id=organization_id, page=at),
    )
    return render_template("people/belongings/refused.html", organization=organization, page=page)


@blueprint.post("/refused/<int:refused_id>/admit")
def admit(organization_id: int, refused_id: int) -> Any:
    """Let somebody in again."""
    require(g.actor, "person.admit", _organization(organization_id))
    found = get_or_none(RefusedSub, refused_id)
    owner = get_or_none(Registration, found.registration_id) if found else None
    if found is None or owner is None or owner.organization_id != organization_id:
        raise NotFound
    operations.admit(actor=g.actor, refused=found, organization_id=organization_id)
    flash(_("This person may come in again, as somebody new."), "success")
    return redirect(url_for(".refused", organization_id=organization_id), 303)


def _sure(subject: Subject, *, missing: bool = False) -> str:
    shares = queries.shares(subject)
    assert subject.organization_id is not None
    return render_template(
        "people/belongings/sure.html",
        organization=_organization(subject.organization_id),
        subject=subject,
        called=_called(subject),
        going=[each for each in shares if each.belonging.fate == ERASED],
        staying=[each for each in shares if each.belonging.fate != ERASED],
        fates=wording.FATES,
        warnings=queries.warnings(subject),
        missing=missing,
    )


def _organization(organization_id: int) -> Organization:
    found = get_or_none(Organization, organization_id)
    if found is None:
        raise NotFound
    return found


def _subject(verb: str, organization_id: int, person_id: int) -> Subject:
    subject = queries.subject_of(person_id, organization_id)
    require(g.actor, verb, subject)
    assert subject is not None
    return subject


def _called(subject: Subject) -> str:
    assert subject.organization_id is not None
    identity = identity_in(subject.organization_id, subject.person_id)
    if identity is not None:
        return display_name(g.actor, identity)
    guest = get_or_none(Guest, subject.guest_ids[0])
    assert guest is not None
    return guest_name(g.actor, guest)
