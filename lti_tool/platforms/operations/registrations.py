"""Registrations: added by hand or by dynamic registration, approved, suspended, moved, checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.lti.fields import is_identifier, is_url
from lti_tool.lti.registration import PlatformConfiguration, RegistrationResult
from lti_tool.organizations.models import Organization
from lti_tool.organizations.operations import refuse_archived
from lti_tool.platforms.access import forget_tokens
from lti_tool.platforms.models import ACTIVE, PENDING, SUSPENDED, Deployment, DoctorReport, Registration

MAX_DEPLOYMENTS = 200
_ADDRESSES = ("auth_url", "token_url", "jwks_url", "token_audience")


@dataclass(frozen=True)
class PlatformFacts:
    """A registration as an operator types it."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployment_ids: tuple[str, ...]
    name: str = ""
    token_audience: str | None = None
    """`aud` of the assertion for service tokens, where it is not the token URL."""


def add_registration(*, actor: audit.Acting | None, organization: Organization, facts: PlatformFacts) -> Registration:
    """Register an LMS by hand, active at once; the same one again brings its addresses up to date.

    Raises Invalid, and Conflict when another registration has these deployments, this one is suspended or the
    organization is archived.
    """
    refuse_archived(organization)
    _check(facts)
    known = _own(organization.id, facts)
    if known is not None and known.state == SUSPENDED:
        raise Conflict(
            _("Registration %(number)d is suspended.", number=known.id), _("Approve it: that lifts the suspension.")
        )
    refuse_clash(facts.issuer, facts.client_id, facts.deployment_ids, known)
    if known is None:
        known = Registration(organization_id=organization.id, scopes=[], foreign_hosts=[])
    _write(known, facts)
    known.state = ACTIVE
    audit.record(actor, "registration.add", "registration", known.id, concerns=organization.id)
    return known


def change_registration(*, actor: audit.Acting | None, registration: Registration, facts: PlatformFacts) -> None:
    """Follow an LMS to other addresses: people, courses and grades stay. Raises Invalid and Conflict."""
    _check(facts)
    refuse_clash(facts.issuer, facts.client_id, facts.deployment_ids, registration)
    changed = [name for name, value in asdict(facts).items() if getattr(registration, name, value) != value]
    registration.name = facts.name
    _write(registration, facts)
    _record(actor, "registration.change", registration, fields=changed)


def store_registration(
    *,
    actor: audit.Acting | None,
    organization_id: int,
    configuration: PlatformConfiguration,
    result: RegistrationResult,
    auto_approve: bool,
) -> Registration:
    """Keep what dynamic registration agreed, pending; active at once only when the invitation says so and nothing
    about it needs a human's eye. Never touches another registration. Raises Conflict."""
    deployments = () if result.deployment_id is None else (result.deployment_id,)
    refuse_clash(configuration.issuer, result.client_id, deployments, None)
    plain = not configuration.foreign_hosts and not _held_by_others(configuration.issuer, organization_id)
    added = Registration(
        organization_id=organization_id,
        issuer=configuration.issuer,
        client_id=result.client_id,
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        token_audience=configuration.token_audience,
        jwks_url=configuration.jwks_url,
        state=ACTIVE if auto_approve and plain else PENDING,
        product=configuration.product,
        product_version=configuration.version,
        scopes=sorted(result.scopes),
        foreign_hosts=sorted(configuration.foreign_hosts),
    )
    db.session.add(added)
    db.session.flush()
    _add_deployments(added, deployments)
    audit.record(actor, "registration.register", "registration", added.id, concerns=organization_id, state=added.state)
    return added


def approve_registration(
    *, actor: audit.Acting | None, registration: Registration, deployment_ids: Collection[str] = ()
) -> None:
    """Let people of this LMS in: approves, lifts a suspension, and accepts the named deployments that wait.

    Raises Invalid for a deployment that is not known there, and Conflict when the organization is archived.
    """
    refuse_archived(registration.organization)
    known = {deployment.deployment_id: deployment for deployment in registration.deployments}
    unknown = sorted(set(deployment_ids) - known.keys())
    if unknown:
        raise Invalid({"deployment_id": _("No deployment %(name)s waits there.", name=", ".join(unknown))})
    if registration.state != ACTIVE:
        _record(actor, "registration.approve", registration, before=registration.state)
        registration.state = ACTIVE
    for deployment_id in sorted(set(deployment_ids)):
        accept_deployment(actor=actor, deployment=known[deployment_id])


def suspend_registration(*, actor: audit.Acting | None, registration: Registration) -> None:
    """Let nobody of this LMS in and send it nothing until it is approved again. Nothing is removed."""
    if registration.state != SUSPENDED:
        _record(actor, "registration.suspend", registration, before=registration.state)
        registration.state = SUSPENDED
        forget_tokens(registration.id)


def suspend_registrations_of(*, actor: audit.Acting | None, organization: Organization) -> int:
    """Suspend every registration of an organization; how many were not suspended before."""
    statement = select(Registration).where(
        Registration.organization_id == organization.id, Registration.state != SUSPENDED
    )
    found = db.session.scalars(statement.order_by(Registration.id)).unique().all()
    for registration in found:
        suspend_registration(actor=actor, registration=registration)
    return len(found)


def accept_deployment(*, actor: audit.Acting | None, deployment: Deployment) -> None:
    """Let people in from a deployment that was first met at a launch. Raises Conflict when another school has it."""
    if deployment.state == ACTIVE:
        return
    registration = deployment.registration
    refuse_clash(registration.issuer, registration.client_id, (deployment.deployment_id,), registration)
    deployment.state = ACTIVE
    owner = registration.organization_id
    audit.record(actor, "deployment.accept", "deployment", deployment.id, concerns=owner, registration=registration.id)


def request_check(*, actor: audit.Acting | None, registration_id: int) -> int:
    """Have the services of a registration checked now; returns the report's id. One that is under way goes on."""
    now = utcnow()
    values = {"registration_id": registration_id, "asked_at": now, "due_at": now, "checks": [], "attempts": 0}
    if not insert_if_absent(DoctorReport, {**values, "state": "waiting"}):
        statement = select(DoctorReport).where(DoctorReport.registration_id == registration_id).with_for_update()
        report = db.session.scalars(statement).unique().one()
        if report.state == "done":
            report.state, report.asked_at, report.due_at, report.attempts = "waiting", now, now, 0
            report.checks, report.finished_at = [], None
    ident = db.session.scalar(select(DoctorReport.id).where(DoctorReport.registration_id == registration_id))
    assert ident is not None
    audit.record(actor, "registration.check", "registration", registration_id)
    return ident


def _record(actor: audit.Acting | None, verb: str, registration: Registration, **facts: Any) -> None:
    audit.record(actor, verb, "registration", registration.id, concerns=registration.organization_id, **facts)


def _own(organization_id: int, facts: PlatformFacts) -> Registration | None:
    """The organization's registration of this client: the one with these deployments, else the first."""
    statement = select(Registration).where(
        Registration.organization_id == organization_id,
        Registration.issuer == facts.issuer,
        Registration.client_id == facts.client_id,
    )
    found = db.session.scalars(statement.order_by(Registration.id)).unique().all()
    wanted = set(facts.deployment_ids)
    with_these = [each for each in found if wanted & {deployment.deployment_id for deployment in each.deployments}]
    return next(iter([*with_these, *found]), None)


def _write(registration: Registration, facts: PlatformFacts) -> None:
    before = [getattr(registration, name) for name in (*_ADDRESSES, "client_id")]
    for name in ("issuer", "client_id", *_ADDRESSES):
        setattr(registration, name, getattr(facts, name))
    registration.name = facts.name or registration.name or ""
    db.session.add(registration)
    db.session.flush()
    if before != [getattr(registration, name) for name in (*_ADDRESSES, "client_id")]:
        registration.jwks = registration.jwks_fetched_at = None
        forget_tokens(registration.id)
    _add_deployments(registration, facts.deployment_ids)


def _add_deployments(registration: Registration, deployment_ids: Iterable[str]) -> None:
    """Add or accept deployments; one that merely waits under a twin registration is taken away from there."""
    wanted = set(deployment_ids)
    twins = select(Registration.id).where(
        Registration.issuer == registration.issuer,
        Registration.client_id == registration.client_id,
        Registration.id != registration.id,
    )
    waits_there = Deployment.registration_id.in_(twins) & Deployment.deployment_id.in_(wanted)
    execute(
        delete(Deployment)
        .where(waits_there, Deployment.state == PENDING)
        .execution_options(synchronize_session="fetch")
    )
    known = {deployment.deployment_id: deployment for deployment in registration.deployments}
    for deployment_id in sorted(wanted):
        if deployment_id in known:
            known[deployment_id].state = ACTIVE
        else:
            registration.deployments.append(Deployment(deployment_id=deployment_id, state=ACTIVE))
    db.session.flush()


def refuse_clash(issuer: str, client_id: str, deployment_ids: Collection[str], own: Registration | None) -> None:
    """No registration ever replaces another: launches of the other one would be taken for this one's."""
    statement = select(Registration).where(Registration.issuer == issuer, Registration.client_id == client_id)
    for other in db.session.scalars(statement).unique():
        if own is not None and other.id == own.id:
            continue
        accepted = {each.deployment_id for each in other.deployments if each.state == ACTIVE}
        if not deployment_ids or accepted & set(deployment_ids):
            raise Conflict(
                _("This client of this LMS is registered already: registration %(number)d.", number=other.id),
                _("Nothing was changed there. Suspend it first, or register another client."),
            )


def _held_by_others(issuer: str, organization_id: int) -> bool:
    statement = select(Registration.id).where(
        Registration.issuer == issuer, Registration.organization_id != organization_id
    )
    return db.session.scalar(statement.limit(1)) is not None


def _check(facts: PlatformFacts) -> None:
    errors: dict[str, str] = {}
    for name in ("issuer", "auth_url", "token_url", "jwks_url"):
        if not is_url(getattr(facts, name)):
            errors[name] = _("Write a whole address that begins with https://.")
    if facts.token_audience is not None and not is_url(facts.token_audience):
        errors["token_audience"] = _("Write a whole address that begins with https://.")
    if not is_identifier(facts.issuer):
        errors["issuer"] = _("Make it shorter: at most %(limit)d characters.", limit=255)
    if not is_identifier(facts.client_id):
        errors["client_id"] = _("Write the client id as the LMS shows it.")
    if not facts.deployment_ids or not all(map(is_identifier, facts.deployment_ids)):
        errors["deployment_ids"] = _("Write at least one deployment id as the LMS shows it.")
    if len(facts.deployment_ids) > MAX_DEPLOYMENTS:
        errors["deployment_ids"] = _("These are too many.")
    if len(facts.name) > 200:
        errors["name"] = _("Make it shorter: at most %(limit)d characters.", limit=200)
    if errors:
        raise Invalid(errors)
