"""The list of invitations, and whom to invite."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import contains_eager

from lti_tool.organizations.models import Organization
from lti_tool.organizations.queries import found_by
from lti_tool.platforms.models import Invitation, Registration

STATES = ("open", "used", "expired", "revoked")
"""As Invitation.state() tells them."""


def invitations(*, state: str, search: str, now: datetime) -> Select[tuple[Invitation]]:
    """The invitations in this state (empty: all) of these organizations, the newest first; to be shown in pages."""
    statement = select(Invitation).join(Invitation.organization).options(contains_eager(Invitation.organization))
    if state:
        statement = statement.where(_is(state, now))
    if search.strip():
        statement = statement.where(found_by(search))
    return statement.order_by(Invitation.id.desc())


def _is(state: str, now: datetime) -> ColumnElement[bool]:
    used, revoked = Invitation.used_at.is_not(None), Invitation.revoked_at.is_not(None)
    over = Invitation.expires_at <= now
    return {
        "used": used,
        "revoked": and_(~used, revoked),
        "expired": and_(~used, ~revoked, over),
        "open": and_(~used, ~revoked, ~over),
    }[state]


def to_invite(*, search: str, every: bool, now: datetime) -> Select[tuple[Organization]]:
    """Organizations to choose from; unless `every`, those without an LMS and without an open invitation."""
    statement = select(Organization).where(Organization.archived_at.is_(None))
    if search.strip():
        statement = statement.where(found_by(search))
    if not every:
        invited = exists().where(Invitation.organization_id == Organization.id, _is("open", now))
        registered = exists().where(Registration.organization_id == Organization.id)
        statement = statement.where(~invited, ~registered)
    return statement.order_by(Organization.name, Organization.id)
