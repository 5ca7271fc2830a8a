"""The screen on which host and school agree on the scale of a class: preview, propose, answer."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.policy import require
from lti_tool.courses.access import ParticipationAccess, participation_access
from lti_tool.courses.forms import ScaleForm
from lti_tool.courses.models import AGREED, PROPOSED
from lti_tool.courses.operations import scales
from lti_tool.courses.queries.scales import Preview, columns_kept, preview_of, treaties_of
from lti_tool.courses.views.base import actor, blueprint, form_status, page
from lti_tool.courses.wording import (
    explain_scale,
    home_value,
    proposer,
    rounding_names,
    scale_names,
    scale_value,
    treaty_state,
)

blueprint.add_app_template_global(explain_scale, "explain_scale")
blueprint.add_app_template_global(home_value, "home_value")
blueprint.add_app_template_global(scale_value, "scale_value")


@blueprint.get("/participations/<int:participation_id>/scale")
def scale(participation_id: int) -> Any:
    """What is agreed for this class, what is proposed, and the form for another proposal."""
    return _scale_page(_access(participation_id))


@blueprint.post("/participations/<int:participation_id>/scale")
def settle_scale(participation_id: int) -> Any:
    access = _access(participation_id)
    action = request.form.get("action")
    if action in ("preview", "propose"):
        return _proposed(access, propose=action == "propose")
    treaty_id = request.form.get("treaty", 0, type=as_key)
    if action == "agree":
        scales.agree_on_scale(actor=actor(), access=access, treaty_id=treaty_id)
        flash(_("Agreed. Grades given already are sent to the gradebook once more, in this scale."), "success")
    elif action == "decline":
        try:
            reason = request.form.get("reason", "")
            scales.decline_scale(actor=actor(), access=access, treaty_id=treaty_id, reason=reason)
        except Invalid as fault:
            return _scale_page(access, status=422, fault=fault.errors["reason"])
        flash(_("Declined. The other side sees your reason."), "success")
    elif action == "withdraw":
        scales.withdraw_scale(actor=actor(), access=access, treaty_id=treaty_id)
        flash(_("The proposal is taken back."), "success")
    else:
        raise BadRequest
    return redirect(url_for("courses.scale", participation_id=participation_id), 303)


def _access(participation_id: int) -> ParticipationAccess:
    access = participation_access(actor(), participation_id)
    require(actor(), "participation.settle_scale", access)
    assert access is not None
    return access


def _proposed(access: ParticipationAccess, *, propose: bool) -> Any:
    form = ScaleForm()
    wanted = form.value() if form.validate() else None
    if wanted is None:
        return _scale_page(access, form=form)
    if not propose:
        return _scale_page(access, form=form, preview=preview_of(access.participation, wanted))
    try:
        treaty = scales.propose_scale(actor=actor(), access=access, scale=wanted, until=form.until.data)
    except Invalid as fault:
        form.until.errors = list(fault.errors.values())
        return _scale_page(access, form=form)
    if treaty.state == AGREED:
        flash(_("The scale is in force: you teach on both sides."), "success")
    else:
        flash(_("Proposed. It comes into force when the other side agrees."), "success")
    return redirect(url_for("courses.scale", participation_id=access.participation.id), 303)


def _scale_page(
    access: ParticipationAccess,
    *,
    form: ScaleForm | None = None,
    preview: Preview | None = None,
    status: int | None = None,
    **more: Any,
) -> Any:
    participation = access.participation
    treaties = treaties_of(participation)
    agreed = next((treaty for treaty in treaties if treaty.state == AGREED), None)
    proposed = next((treaty for treaty in treaties if treaty.state == PROPOSED), None)
    form = form or ScaleForm.of(proposed or agreed)
    form.name_choices(scale_names(), rounding_names())
    to_answer = proposed is not None and scales.answers(access, proposed)
    if preview is None and proposed is not None:
        preview = preview_of(participation, proposed.scale)
    return page(
        "scale",
        status=status or form_status(form),
        access=access,
        course=participation.course,
        participation=participation,
        agreed=agreed,
        proposed=proposed,
        past=[treaty for treaty in treaties if treaty not in (agreed, proposed)],
        to_answer=to_answer,
        fixed=agreed is not None and agreed.frozen_until >= utcnow().date(),
        form=form,
        preview=preview,
        kept=columns_kept(participation) if agreed else [],
        treaty_state=treaty_state,
        proposer=proposer,
        day=lambda moment: format_date(moment, "long"),
        **more,
    )
