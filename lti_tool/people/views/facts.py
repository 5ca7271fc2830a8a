"""What an organization tells about itself, corrected by its coordinator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid, SignInNeeded
from lti_tool.core.policy import require
from lti_tool.organizations.forms import OwnFactsForm
from lti_tool.organizations.models import Organization
from lti_tool.organizations.operations import change_organization

blueprint = Blueprint("facts", __name__)


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.route("/organizations/<int:organization_id>/facts", methods=["GET", "POST"])
def edit(organization_id: int) -> Any:
    """City, contacts, language and time zone; name, type and department are the operator's."""
    organization = get_or_none(Organization, organization_id)
    require(g.actor, "organization.correct", organization)
    assert organization is not None
    form = OwnFactsForm(obj=organization)
    if form.validate_on_submit():
        try:
            change_organization(actor=g.actor, organization=organization, facts=form.own_value(organization))
        except Invalid as error:
            for name, text in error.errors.items():
                form[name].errors = [*form[name].errors, text]
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".edit", organization_id=organization.id), 303)
    return render_template("people/facts.html", form=form, organization=organization), 422 if form.errors else 200
