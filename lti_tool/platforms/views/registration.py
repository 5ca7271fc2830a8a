"""One registration and its doctor: for operators, and for the administrators of that LMS."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for

from lti_tool.core import jobs
from lti_tool.core.policy import allows
from lti_tool.platforms.doctor import NAMES
from lti_tool.platforms.jobs import examine_registration
from lti_tool.platforms.models import PENDING, DoctorReport, Registration
from lti_tool.platforms.operations.registrations import request_check
from lti_tool.platforms.queries import report_of, same_issuer
from lti_tool.platforms.views.base import addresses, blueprint, registration_for
from lti_tool.platforms.wording import TITLES, VERDICTS, Explained, explain


@blueprint.get("/registrations/<int:registration_id>")
def registration(registration_id: int) -> str:
    """What is registered, who may come in, and the last check."""
    shown = registration_for("registration.see", registration_id)
    operates = allows(g.actor, "registration.change", shown)
    return render_template(
        "platforms/registration.html",
        registration=shown,
        pending=[each for each in shown.deployments if each.state == PENDING],
        operates=operates,
        twins=same_issuer(shown) if operates else (),
        **_report(shown),
    )


@blueprint.get("/registrations/<int:registration_id>/check")
def report(registration_id: int) -> Any:
    """The check alone: a script asks for it while it is under way."""
    shown = registration_for("registration.see", registration_id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for(".registration", registration_id=registration_id))
    return render_template("platforms/_report.html", registration=shown, **_report(shown))


@blueprint.post("/registrations/<int:registration_id>/check")
def check(registration_id: int) -> Any:
    """Have all services checked now."""
    shown = registration_for("registration.check", registration_id)
    jobs.nudge(examine_registration, [request_check(actor=g.actor, registration_id=shown.id)])
    return redirect(url_for(".registration", registration_id=registration_id, _anchor="check"), 303)


def _report(shown: Registration) -> dict[str, Any]:
    found = report_of(shown.id)
    return {
        "report": found,
        "running": found is not None and found.state != "done",
        "explained": _explained(found, shown.product),
        "waiting": [TITLES[name] for name in NAMES[len(found.checks) :]] if found is not None else [],
    }


def _explained(found: DoctorReport | None, product: str) -> list[tuple[str, Explained]]:
    """(verdict, its words) for every check done so far."""
    jwks = addresses().jwks
    return [(check["verdict"], explain(check, product, jwks)) for check in (found.checks if found else [])]


def verdict_name(verdict: str) -> str:
    """A verdict in words."""
    return str(VERDICTS.get(verdict, verdict))


blueprint.add_app_template_global(verdict_name, "verdict_name")
