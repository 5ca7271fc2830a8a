"""The operator's invitations to organizations."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.policy import require
from lti_tool.platforms.forms import InvitationForm
from lti_tool.platforms.models import Invitation
from lti_tool.platforms.operations.invitations import create_invitation, revoke_invitation
from lti_tool.platforms.views.base import addresses, blueprint, organization_for


@blueprint.post("/operator/organizations/<int:organization_id>/invitations")
def create(organization_id: int) -> Any:
    """Invite an organization; its address is shown this once."""
    organization = organization_for("invitation.create", organization_id)
    form = InvitationForm()
    if not form.validate_on_submit():
        return render_template("platforms/invite.html", organization=organization, form=form), 422
    invitation, code = create_invitation(
        actor=g.actor, organization=organization, auto_approve=form.auto_approve.data, days=form.days.data
    )
    return render_template(
        "platforms/invited.html",
        organization=organization,
        invitation=invitation,
        address=addresses().invitation(code),
    )


@blueprint.post("/operator/invitations/<int:invitation_id>/revoke")
def revoke(invitation_id: int) -> Any:
    """Take an invitation back."""
    invitation = get_or_none(Invitation, invitation_id)
    require(g.actor, "invitation.revoke", invitation)
    assert invitation is not None
    revoke_invitation(actor=g.actor, invitation=invitation)
    flash(_("The invitation has been taken back."), "success")
    return redirect(url_for(".organization", organization_id=invitation.organization_id), 303)
