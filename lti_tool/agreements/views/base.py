"""What the screens of agreements share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from lti_tool.agreements import wording
from lti_tool.agreements.forms import MAX_SCAN_BYTES
from lti_tool.agreements.models import Agreement, Revision
from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid, SignInNeeded
from lti_tool.core.policy import allows, require
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor

blueprint = Blueprint("agreements", __name__, url_prefix="/agreements")
UPLOAD_VIEWS = {"agreements.sign"}


@blueprint.url_value_preprocessor
def _accept_scans(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form: the general limit is for forms without files."""
    if endpoint in UPLOAD_VIEWS:
        request.max_content_length = MAX_SCAN_BYTES + 100_000


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


def actor() -> Actor:
    """Who is signed in; the blueprint lets nobody else this far."""
    signed_in: Actor = g.actor
    return signed_in


def own_organization(verb: str) -> Organization:
    """The actor's organization, when the actor may do `verb` for it."""
    found = get_or_none(Organization, actor().sees_organization_id or 0)
    require(actor(), verb, found)
    assert found is not None
    return found


def agreement_for(verb: str, agreement_id: int) -> Agreement:
    """The agreement, when the actor may do `verb`; NotFound when the actor may not even know of it."""
    found = get_or_none(Agreement, agreement_id)
    require(actor(), verb, found, see="agreement.see")
    assert found is not None
    return found


def readable(agreement: Agreement) -> list[Revision]:
    """The revisions the actor may read, the newest first."""
    return [each for each in reversed(agreement.revisions) if allows(actor(), "agreement.see_revision", each)]


def names_of(agreement: Agreement) -> dict[int, str]:
    """The parties' names by id."""
    return {party.organization_id: party.organization.name for party in agreement.parties}


def back(agreement: Agreement, anchor: str | None = None) -> Any:
    """To the agreement's page."""
    return redirect(url_for(".show", agreement_id=agreement.id, _anchor=anchor), 303)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A rendered page of this feature."""
    response = make_response(render_template(f"agreements/{template}.html", **values))
    response.status_code = status
    return response


def show_faults(form: Any, error: Invalid) -> None:
    """Put an operation's findings beside the form's fields, or above them."""
    for name, text in error.errors.items():
        if name in form:
            form[name].errors = [*form[name].errors, text]
        else:
            form.form_errors = [*form.form_errors, text]


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {
        "kinds": wording.KINDS,
        "forms": wording.FORMS,
        "states": wording.STATES,
        "revision_states": wording.REVISION_STATES,
        "fields": wording.FIELDS,
        "happened": wording.HAPPENED,
        "in_words": wording.value_in_words,
    }
