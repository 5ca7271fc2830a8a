"""One registration and its doctor: for operators, and for the administrators of that LMS."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core import jobs
from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import DomainError
from lti_tool.core.policy import allows, require
from lti_tool.platforms.access import key_ring
from lti_tool.platforms.doctor import NAMES, place_of
from lti_tool.platforms.evidence import evidence_of
from lti_tool.platforms.jobs import examine_registration
from lti_tool.platforms.models import PENDING, Deployment, DoctorReport, Registration
from lti_tool.platforms.operations.registrations import accept_deployment, request_check
from lti_tool.platforms.queries import report_of, same_issuer, token_given_at, used_before
from lti_tool.platforms.service_wording import tell_dates, tell_services
from lti_tool.platforms.services import services_of
from lti_tool.platforms.views.base import addresses, blueprint, registration_for
from lti_tool.platforms.wording import TITLES, VERDICTS, Explained, explain


@blueprint.get("/registrations/<int:registration_id>")
def registration(registration_id: int) -> str:
    """What is registered, who may come in, which services are on, keys and dates, and the last check."""
    shown = registration_for("registration.see", registration_id)
    operates = allows(g.actor, "registration.change", shown)
    checked = _report(shown)
    seen, now = evidence_of(shown.id), utcnow()
    return render_template(
        "platforms/registration.html",
        registration=shown,
        pending=[each for each in shown.deployments if each.state == PENDING],
        operates=operates,
        twins=same_issuer(shown) if operates else (),
        earlier=used_before(shown) if operates else (),
        services=tell_services(services_of(shown, place_of(shown.id), seen, checked["report"]), shown.product),
        dates=tell_dates(shown, seen, token_given_at(shown.id, checked["report"]), now),
        platform_keys=[key.get("kid", "") for key in (shown.jwks or {}).get("keys", [])],
        own_keys=key_ring().describe(now),
        now=now,
        **checked,
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


@blueprint.post("/deployments/<int:deployment_pk>/accept")
def accept(deployment_pk: int) -> Any:
    """Let people in from a deployment met at a launch: an operator, or an administrator of that very LMS."""
    deployment = get_or_none(Deployment, deployment_pk)
    require(g.actor, "deployment.accept", deployment)
    assert deployment is not None
    try:
        accept_deployment(actor=g.actor, deployment=deployment)
    except DomainError as error:
        flash(str(error.message), "error")
    else:
        flash(_("The deployment has been accepted."), "success")
    return redirect(url_for(".registration", registration_id=deployment.registration_id), 303)


def _report(shown: Registration) -> dict[str, Any]:
    found = report_of(shown.id)
    return {
        "report": found,
        "may_check": allows(g.actor, "registration.check", shown),
        "running": found is not None and found.state != "done",
        "explained": _explained(found, shown.product),
        "waiting": [TITLES[name] for name in NAMES[len(found.checks) :]] if found is not None else [],
    }


def _explained(found: DoctorReport | None, product: str) -> list[tuple[str, Explained]]:
    """(verdict, its words) for every check done so far."""
    jwks = addresses().jwks
    return [(check["verdict"], explain(check, product, jwks)) for check in (found.checks if found else [])]


@blueprint.app_template_global("may")
def may(verb: str, thing: object) -> bool:
    """Whether the one who looks may do this: a page offers nothing that would be refused."""
    return allows(g.actor, verb, thing)


def verdict_name(verdict: str) -> str:
    """A verdict in words."""
    return str(VERDICTS.get(verdict, verdict))


blueprint.add_app_template_global(verdict_name, "verdict_name")
