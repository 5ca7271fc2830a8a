"""Registrations of platforms (LMSs), their deployments, invitations to register, and what is cached of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.organizations.models import Organization

PENDING, ACTIVE, SUSPENDED = "pending", "active", "suspended"
FULL_NAMES, SHORT_NAMES, NO_NAMES = "full", "short", "none"
"""How much of its people's names a school lets the tool keep."""


class Registration(Dated, Base):
    """One tool registration at one platform, owned by one organization (LTI Core 1.3, section 3.1.3).

    Two registrations may carry the same issuer and client_id; they then differ by their deployments.
    """

    __tablename__ = "registration"
    __table_args__ = (Index(None, "issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    """What people call this LMS; the organization's name when empty."""
    issuer: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_url: Mapped[str] = mapped_column(String(1000))
    token_url: Mapped[str] = mapped_column(String(1000))
    token_audience: Mapped[str | None] = mapped_column(String(1000))
    jwks_url: Mapped[str] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(10), default=PENDING)
    product: Mapped[str] = mapped_column(String(50), default="")
    """product_family_code as the platform tells it, such as `moodle`."""
    product_version: Mapped[str] = mapped_column(String(50), default="")
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Service scopes the platform said it grants; what counts is the token's answer."""
    foreign_hosts: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Hosts of its addresses that differ from the configuration's; the LMS administrator confirmed them."""
    kept_names: Mapped[str] = mapped_column(String(5), default=FULL_NAMES, server_default=FULL_NAMES)
    """FULL_NAMES, SHORT_NAMES (first name and initial) or NO_NAMES: what is stored of the names its LMS sends."""
    keeps_emails: Mapped[bool] = mapped_column(default=True, server_default=true())
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    jwks_fetched_at: Mapped[datetime | None]
    last_launch_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)
    deployments: Mapped[list[Deployment]] = relationship(back_populates="registration", order_by="Deployment.id")

    @property
    def display_name(self) -> str:
        return self.name or self.organization.name


class Deployment(Dated, Base):
    """A deployment id of a registration; one met first at a launch waits until an administrator accepts it."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(10), default=PENDING)

    registration: Mapped[Registration] = relationship(back_populates="deployments")


class Invitation(Dated, Base):
    """Lets an LMS administrator of one organization register that LMS once."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the code in the registration address."""
    auto_approve: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    reserved_until: Mapped[datetime | None]
    """A registration is under way until then; one that fails gives the invitation back."""
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)

    def state(self, now: datetime) -> str:
        """used, revoked, expired or open."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if self.expires_at > now else "expired"


class DoctorReport(OutboxMixin, Base):
    """The latest check of a registration's services; it grows while the check is under way."""

    __tablename__ = "doctor_report"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """None while a check is under way."""
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """name, verdict, code and facts of every check done so far."""
    verdict: Mapped[str | None] = mapped_column(String(10))
    """The worst of the last finished check."""

    registration: Mapped[Registration] = relationship(lazy="joined", innerjoin=True)


class AccessToken(Base):
    """A service token shared by all workers; `lock_until` lets one of them fetch while the others wait."""

    __tablename__ = "access_token"
    __table_args__ = (UniqueConstraint("registration_id", "scopes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    scopes: Mapped[str] = mapped_column(String(1000))
    """Sorted, joined by spaces."""
    token: Mapped[str | None] = mapped_column(String(8000))
    expires_at: Mapped[datetime | None]
    granted: Mapped[str] = mapped_column(String(1000), default="")
    """Scopes the token endpoint said it gave."""
    fetched_at: Mapped[datetime | None]
    """When the token endpoint last gave one."""
    lock_until: Mapped[datetime | None]
