"""The report about a whole school: how its gradebooks agree with the scores delivered there. No person is named."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import SignInNeeded
from lti_tool.core.policy import require
from lti_tool.grades.reconciliation.queries import school_report
from lti_tool.grades.reconciliation.wording import (
    comparison_trouble,
    decision_name,
    difference_name,
    explain_difference,
)
from lti_tool.platforms.models import Registration

blueprint = Blueprint("reconciliation", __name__)


@blueprint.get("/registrations/<int:registration_id>/gradebooks")
def report(registration_id: int) -> str:
    """Every column of a school with what was delivered, what differs, and when that was looked at."""
    if g.actor is None:
        raise SignInNeeded
    registration = get_or_none(Registration, registration_id)
    require(g.actor, "reconciliation.report", registration)

    def address(number: int) -> str:
        return url_for("reconciliation.report", registration_id=registration_id, page=number)

    page, rows = school_report(registration_id, request.args.get("page", 1, type=int), address)
    return render_template("grades/report.html", registration=registration, page=page, rows=rows)


blueprint.add_app_template_global(comparison_trouble, "comparison_trouble")
blueprint.add_app_template_global(decision_name, "decision_name")
blueprint.add_app_template_global(difference_name, "difference_name")
blueprint.add_app_template_global(explain_difference, "explain_difference")
