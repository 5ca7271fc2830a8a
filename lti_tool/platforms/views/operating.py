"""The operator's pages: one organization, all registrations, registering by hand, approving and suspending."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import as_key, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.organizations.models import Organization
from lti_tool.platforms.forms import InvitationForm, PlatformForm
from lti_tool.platforms.models import Registration
from lti_tool.platforms.operations.continuing import continue_registration
from lti_tool.platforms.operations.registrations import (
    add_registration,
    approve_registration,
    change_registration,
    suspend_registration,
)
from lti_tool.platforms.queries import health_of, invitations_of, registrations_of
from lti_tool.platforms.views.base import blueprint, organization_for, registration_for, show_faults


@blueprint.get("/operator/organizations/<int:organization_id>")
def organization(organization_id: int) -> str:
    """An organization: its LMSs and its invitations."""
    shown = organization_for("organization.see", organization_id)
    return render_template(
        "platforms/organization.html",
        organization=shown,
        health=health_of(registrations_of(shown.id)),
        invitations=invitations_of(shown.id),
        form=InvitationForm(),
        now=utcnow(),
    )


@blueprint.route("/operator/organizations/<int:organization_id>/registrations/new", methods=["GET", "POST"])
def add(organization_id: int) -> Any:
    """Register an LMS by hand."""
    owner = organization_for("registration.add", organization_id)
    form = PlatformForm()
    if form.validate_on_submit():
        try:
            added = add_registration(actor=g.actor, organization=owner, facts=form.value())
        except Invalid as error:
            show_faults(form, error)
        else:
            flash(_("The LMS has been registered. Check now whether its services work."), "success")
            return redirect(url_for(".registration", registration_id=added.id), 303)
    return _form(form, owner, None)


@blueprint.route("/operator/registrations/<int:registration_id>/edit", methods=["GET", "POST"])
def edit(registration_id: int) -> Any:
    """Follow an LMS to other addresses."""
    registration = registration_for("registration.change", registration_id)
    form = PlatformForm.of(registration)
    if form.validate_on_submit():
        try:
            change_registration(actor=g.actor, registration=registration, facts=form.value())
        except Invalid as error:
            show_faults(form, error)
        else:
            flash(_("Saved. Check now whether its services work."), "success")
            return redirect(url_for(".registration", registration_id=registration.id), 303)
    return _form(form, registration.organization, registration)


def _form(form: PlatformForm, owner: Organization, registration: Registration | None) -> Any:
    page = render_template("platforms/form.html", form=form, organization=owner, registration=registration)
    return page, 422 if form.errors else 200


@blueprint.post("/operator/registrations/<int:registration_id>/approve")
def approve(registration_id: int) -> Any:
    """Let people of this LMS in."""
    registration = registration_for("registration.approve", registration_id)
    approve_registration(actor=g.actor, registration=registration)
    flash(_("Approved: people can come in."), "success")
    return redirect(url_for(".registration", registration_id=registration.id), 303)


@blueprint.post("/operator/registrations/<int:registration_id>/suspend")
def suspend(registration_id: int) -> Any:
    """Let nobody of this LMS in."""
    registration = registration_for("registration.suspend", registration_id)
    suspend_registration(actor=g.actor, registration=registration)
    flash(_("Suspended: nobody can come in until it is approved again."), "success")
    return redirect(url_for(".registration", registration_id=registration.id), 303)


@blueprint.post("/operator/registrations/<int:registration_id>/continue")
def continue_as(registration_id: int) -> Any:
    """A registration made anew is one that was there before."""
    newcomer = registration_for("registration.continue", registration_id)
    original = registration_for("registration.continue", request.form.get("original", 0, type=as_key))
    number = original.id
    continue_registration(actor=g.actor, newcomer=newcomer, original=original)
    flash(_("It goes on as registration %(number)d. Check now whether its services work.", number=number), "success")
    return redirect(url_for(".registration", registration_id=number), 303)
