"""Reads of registrations and invitations that several callers need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from lti_tool.core.db import db
from lti_tool.platforms.models import ACTIVE, PENDING, AccessToken, Deployment, DoctorReport, Invitation, Registration


@dataclass(frozen=True)
class Health:
    """A registration at a glance."""

    registration: Registration
    report: DoctorReport | None
    pending_deployments: int

    @property
    def verdict(self) -> str | None:
        """Of the last finished check."""
        return self.report.verdict if self.report else None


def registrations_of(organization_id: int, limit: int = 100) -> Sequence[Registration]:
    """An organization's registrations, those that wait first."""
    statement = select(Registration).options(selectinload(Registration.deployments))
    statement = statement.where(Registration.organization_id == organization_id)
    waiting_first = ((Registration.state == PENDING).desc(), Registration.id)
    return db.session.scalars(statement.order_by(*waiting_first).limit(limit)).unique().all()


def waiting_registrations(limit: int = 50) -> Sequence[Registration]:
    """Registrations that an operator has to approve, the longest waiting first."""
    statement = (
        select(Registration).where(Registration.state == PENDING).options(selectinload(Registration.deployments))
    )
    statement = statement.order_by(Registration.created_at, Registration.id)
    return db.session.scalars(statement.limit(limit)).unique().all()


def health_of(shown: Sequence[Registration]) -> list[Health]:
    """Each registration with its last check; one statement more."""
    ids = [registration.id for registration in shown]
    statement = select(DoctorReport).where(DoctorReport.registration_id.in_(ids))
    reports = {report.registration_id: report for report in db.session.scalars(statement).unique()} if ids else {}
    return [
        Health(each, reports.get(each.id), sum(deployment.state == PENDING for deployment in each.deployments))
        for each in shown
    ]


def ailing(limit: int = 50) -> Sequence[Registration]:
    """Active registrations that need a look: a check failed or warned, or a deployment waits."""
    waits = select(Deployment.registration_id).where(Deployment.state == PENDING)
    failed = select(DoctorReport.registration_id).where(DoctorReport.verdict.in_(("failed", "warning")))
    statement = (
        select(Registration)
        .where(Registration.state == ACTIVE, or_(Registration.id.in_(waits), Registration.id.in_(failed)))
        .options(selectinload(Registration.deployments))
        .order_by(Registration.id)
    )
    return db.session.scalars(statement.limit(limit)).unique().all()


def same_issuer(registration: Registration) -> Sequence[Registration]:
    """Other registrations of the same LMS address."""
    statement = select(Registration).where(
        Registration.issuer == registration.issuer, Registration.id != registration.id
    )
    return db.session.scalars(statement.order_by(Registration.id).limit(20)).unique().all()


def used_before(registration: Registration) -> Sequence[Registration]:
    """Other registrations of the same organization that people have used, while nobody has used this one yet."""
    if registration.last_launch_at is not None:
        return ()
    statement = select(Registration).where(
        Registration.organization_id == registration.organization_id,
        Registration.id != registration.id,
        Registration.last_launch_at.is_not(None),
    )
    return db.session.scalars(statement.order_by(Registration.id).limit(20)).unique().all()


def report_of(registration_id: int) -> DoctorReport | None:
    statement = select(DoctorReport).where(DoctorReport.registration_id == registration_id)
    return db.session.scalars(statement).unique().one_or_none()


def token_given_at(registration_id: int, report: DoctorReport | None) -> datetime | None:
    """When the LMS last gave an access token: to a worker, or to the doctor."""
    statement = select(func.max(AccessToken.fetched_at)).where(AccessToken.registration_id == registration_id)
    checked = report is not None and any(each["name"] == "token" and each["verdict"] == "ok" for each in report.checks)
    moments = (db.session.scalar(statement), report.finished_at if report is not None and checked else None)
    return max((moment for moment in moments if moment is not None), default=None)


def invitations_of(organization_id: int, limit: int = 30) -> Sequence[Invitation]:
    """The latest invitations of an organization."""
    statement = select(Invitation).where(Invitation.organization_id == organization_id)
    return db.session.scalars(statement.order_by(Invitation.id.desc()).limit(limit)).unique().all()


@dataclass(frozen=True)
class RegistrationRow:
    """A registration for the command line."""

    id: int
    organization: int
    organization_name: str
    name: str
    issuer: str
    client_id: str
    state: str
    deployments: list[str]
    pending_deployments: list[str]
    last_launch: datetime | None


def registration_rows() -> list[RegistrationRow]:
    """Every registration; two statements."""
    statement = select(Registration).options(selectinload(Registration.deployments)).order_by(Registration.id)
    return [_row(each) for each in db.session.scalars(statement).unique()]


def _row(registration: Registration) -> RegistrationRow:
    deployments = registration.deployments
    return RegistrationRow(
        id=registration.id,
        organization=registration.organization_id,
        organization_name=registration.organization.name,
        name=registration.display_name,
        issuer=registration.issuer,
        client_id=registration.client_id,
        state=registration.state,
        deployments=[each.deployment_id for each in deployments if each.state == ACTIVE],
        pending_deployments=[each.deployment_id for each in deployments if each.state == PENDING],
        last_launch=registration.last_launch_at,
    )
