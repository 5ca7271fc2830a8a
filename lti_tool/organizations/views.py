"""Screens of the hub operator about one organization: adding it, correcting it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid
from lti_tool.core.policy import require
from lti_tool.organizations.forms import OrganizationForm
from lti_tool.organizations.models import Organization
from lti_tool.organizations.operations import OrganizationFacts, add_organization, change_organization
from lti_tool.organizations.policy import OperatorSignInNeeded
from lti_tool.organizations.wording import type_name

blueprint = Blueprint("organizations", __name__, url_prefix="/operator/organizations")
EVERY = "organizations"
"""The thing that rules about all organizations are asked for."""


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise OperatorSignInNeeded


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> Any:
    """Add an organization."""
    require(g.actor, "organization.add", EVERY)
    form = OrganizationForm()
    facts = _sent(form)
    if facts is not None:
        try:
            added = add_organization(actor=g.actor, facts=facts)
        except Invalid as error:
            _show(form, error)
        else:
            flash(_("The organization has been added. Now invite its LMS administrator."), "success")
            return redirect(url_for("platforms.organization", organization_id=added.id), 303)
    return render_template("organizations/form.html", form=form, organization=None), 422 if form.errors else 200


@blueprint.route("/<int:organization_id>/edit", methods=["GET", "POST"])
def edit(organization_id: int) -> Any:
    """Correct what is told about an organization."""
    organization = get_or_none(Organization, organization_id)
    require(g.actor, "organization.change", organization)
    assert organization is not None
    form = OrganizationForm(obj=organization)
    facts = _sent(form)
    if facts is not None:
        try:
            change_organization(actor=g.actor, organization=organization, facts=facts)
        except Invalid as error:
            _show(form, error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("platforms.organization", organization_id=organization.id), 303)
    page = render_template("organizations/form.html", form=form, organization=organization)
    return page, 422 if form.errors else 200


def _sent(form: OrganizationForm) -> OrganizationFacts | None:
    return form.value() if form.validate_on_submit() else None


def _show(form: OrganizationForm, error: Invalid) -> None:
    for name, text in error.errors.items():
        form[name].errors = [*form[name].errors, text]


blueprint.add_app_template_global(type_name, "organization_type")
