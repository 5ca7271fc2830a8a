"""Invitations: made by an operator, used by one registration that succeeds."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Update, or_, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, DomainError, Invalid
from lti_tool.organizations.models import Organization
from lti_tool.organizations.operations import refuse_archived
from lti_tool.platforms.models import Invitation

DAYS = 14
"""How long an invitation holds unless the operator says otherwise."""
MAX_DAYS = 365
RESERVED = timedelta(minutes=2)
"""Longer than all the calls of one registration may take."""
_ASK = _l("Ask the people who run this tool for a new invitation.")


class InvitationOver(DomainError):
    """The invitation in the address cannot be used."""

    status = 410
    message = _l("This invitation does not exist.")
    todo = (_l("Check that the whole address was copied."), _ASK)


_OVER = {
    "used": (_l("This invitation has been used already: it registers one LMS."), _ASK),
    "revoked": (_l("This invitation has been taken back."), _ASK),
    "expired": (_l("This invitation is too old."), _ASK),
}


def create_invitation(
    *, actor: audit.Acting | None, organization: Organization, auto_approve: bool = False, days: int = DAYS
) -> tuple[Invitation, str]:
    """Invite an organization to register one LMS; returns the invitation and its code, which is kept nowhere.

    Raises Invalid, and Conflict when the organization is archived.
    """
    return create_invitations(actor=actor, organizations=[organization], auto_approve=auto_approve, days=days)[0]


def create_invitations(
    *, actor: audit.Acting | None, organizations: Sequence[Organization], auto_approve: bool = False, days: int = DAYS
) -> list[tuple[Invitation, str]]:
    """The same for several organizations, in their order: all of them or none."""
    if not 1 <= days <= MAX_DAYS:
        raise Invalid({"days": _("Choose 1 to %(limit)d days.", limit=MAX_DAYS)})
    made = []
    for organization in organizations:
        refuse_archived(organization)
        code = secrets.token_urlsafe(24)
        invitation = Invitation(
            organization=organization,
            code_hash=_hash(code),
            auto_approve=auto_approve,
            expires_at=utcnow() + timedelta(days=days),
        )
        made.append((invitation, code))
    db.session.add_all(invitation for invitation, _code in made)
    db.session.flush()
    for invitation, _code in made:
        owner, facts = invitation.organization.id, {"auto_approve": auto_approve, "days": days}
        audit.record(actor, "invitation.create", "invitation", invitation.id, concerns=owner, **facts)
    return made


def revoke_invitation(*, actor: audit.Acting | None, invitation: Invitation) -> None:
    """Take an invitation back; nothing happens to one that was taken back before. Raises Conflict when used."""
    if invitation.used_at is not None:
        raise Conflict(_OVER["used"][0], _("Suspend the registration that was made with it."))
    if invitation.revoked_at is None:
        invitation.revoked_at = utcnow()
        audit.record(actor, "invitation.revoke", "invitation", invitation.id, concerns=invitation.organization_id)


def revoke_open_invitations(
    *, actor: audit.Acting | None, ids: Collection[int] | None = None, organization_id: int | None = None
) -> int:
    """Take back those of these invitations, or of this organization's, that are still open; how many that were."""
    now = utcnow()
    statement = select(Invitation).where(*_still_open(now)).order_by(Invitation.id).with_for_update(of=Invitation)
    if ids is not None:
        statement = statement.where(Invitation.id.in_(ids))
    if organization_id is not None:
        statement = statement.where(Invitation.organization_id == organization_id)
    found = db.session.scalars(statement).unique().all()
    for invitation in found:
        revoke_invitation(actor=actor, invitation=invitation)
    return len(found)


def open_invitation(code: str) -> Invitation:
    """The invitation of this code, when it may still be used. Raises InvitationOver."""
    invitation = db.session.scalar(select(Invitation).where(Invitation.code_hash == _hash(code)))
    if invitation is None:
        raise InvitationOver
    state = invitation.state(utcnow())
    if state != "open":
        raise InvitationOver(*_OVER[state])
    return invitation


def owner_of(invitation_id: int) -> int:
    """The organization an invitation is for, as it is now."""
    return db.session.scalars(select(Invitation.organization_id).where(Invitation.id == invitation_id)).one()


def reserve_invitation(invitation_id: int) -> None:
    """Keep an invitation for one registration that begins now. Raises Conflict while another is under way."""
    now = utcnow()
    statement = update(Invitation).where(
        *_usable(invitation_id, now), or_(Invitation.reserved_until.is_(None), Invitation.reserved_until < now)
    )
    if execute(_plainly(statement.values(reserved_until=now + RESERVED))).rowcount != 1:
        raise Conflict(
            _("Another registration with this invitation is under way."),
            _("Wait two minutes, then begin again in your LMS."),
        )


def give_back_invitation(invitation_id: int) -> None:
    """The registration failed: the invitation may be used again at once."""
    execute(_plainly(update(Invitation).where(Invitation.id == invitation_id).values(reserved_until=None)))


def use_invitation(invitation_id: int, registration_id: int) -> bool:
    """Mark the invitation as used by this registration; False when it was taken back meanwhile."""
    now = utcnow()
    statement = update(Invitation).where(
        Invitation.id == invitation_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
    )
    values = {"used_at": now, "registration_id": registration_id, "reserved_until": None}
    return execute(_plainly(statement.values(**values))).rowcount == 1


def _usable(invitation_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Invitation.id == invitation_id, *_still_open(now))


def _still_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now)


def _plainly(statement: Update) -> Update:
    return statement.execution_options(synchronize_session=False)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
