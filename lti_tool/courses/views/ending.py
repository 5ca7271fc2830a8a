"""What coordinators decide about running courses before an agreement ends."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.agreements.models import Agreement
from lti_tool.core.db import get_or_none
from lti_tool.core.policy import allows, require
from lti_tool.courses.operations.partners import decide_after
from lti_tool.courses.queries.partners import dependents
from lti_tool.courses.views.base import actor, blueprint, page


@blueprint.route("/agreements/<int:agreement_id>/ending", methods=["GET", "POST"])
def ending(agreement_id: int) -> Any:
    """The classes that take part because of the agreement, and what happens to each when it ends."""
    agreement = get_or_none(Agreement, agreement_id)
    require(actor(), "agreement.see", agreement)
    assert agreement is not None
    classes = dependents(agreement, actor().organization_id or 0)
    if request.method == "POST":
        for each in classes:
            decision = request.form.get(f"class-{each.participation.id}", "")
            if decision and allows(actor(), "participation.decide_after", each.participation):
                decide_after(actor=actor(), participation=each.participation, decision=decision)
        flash(_("Saved. The other organization sees it."), "success")
        return redirect(url_for(".ending", agreement_id=agreement_id), 303)
    return page("ending", agreement=agreement, classes=classes)
