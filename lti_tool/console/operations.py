"""Organizations leave the network, come back, and are found to be one: the verbs that reach through all features."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.organizations.models import Organization
from lti_tool.organizations.pointers import repoint
from lti_tool.platforms.operations.invitations import revoke_open_invitations
from lti_tool.platforms.operations.registrations import suspend_registrations_of


def archive_organization(*, actor: audit.Acting | None, organization: Organization) -> None:
    """Let nobody of this organization in: its LMSs are suspended, its invitations taken back. Nothing is removed."""
    _lock(organization)
    suspended = suspend_registrations_of(actor=actor, organization=organization)
    revoked = revoke_open_invitations(actor=actor, organization_id=organization.id)
    if organization.archived_at is None:
        organization.archived_at = utcnow()
        facts = {"suspended": suspended, "invitations": revoked}
        audit.record(actor, "organization.archive", "organization", organization.id, concerns=organization.id, **facts)


def restore_organization(*, actor: audit.Acting | None, organization: Organization) -> None:
    """Undo the archiving; each LMS stays suspended until it is approved. Raises Conflict for one that was merged."""
    _lock(organization)
    if organization.merged_into_id is not None:
        raise Conflict(
            _("This organization has been merged into number %(number)d.", number=organization.merged_into_id),
            _("All it had is there. If they are two organizations after all, add this one anew."),
        )
    if organization.archived_at is not None:
        organization.archived_at = None
        audit.record(actor, "organization.restore", "organization", organization.id, concerns=organization.id)


def merge_organizations(*, actor: audit.Acting | None, source: Organization, target: Organization) -> None:
    """Make two entries of one organization one: all that `source` has becomes `target`'s, and `source` is archived.

    Doing it again moves whatever has come to `source` since. Raises Invalid and Conflict.
    """
    if source.id == target.id:
        raise Invalid({"into": _("Choose two different organizations.")})
    _lock(source, target)
    if source.merged_into_id not in (None, target.id):
        raise Conflict(
            _("This organization has been merged into number %(number)d.", number=source.merged_into_id),
            _("Merge that one."),
        )
    if target.archived_at is not None:
        raise Conflict(
            _("%(name)s is archived and cannot be the one that stays.", name=target.name),
            _("Restore the organization first, or keep the other one."),
        )
    again = source.merged_into_id is not None
    source.archived_at, source.merged_into_id = source.archived_at or utcnow(), None
    db.session.flush()
    moved = repoint(source.id, target.id)
    source.merged_into_id = target.id
    if moved or not again:
        audit.record(
            actor, "organization.merge", "organization", source.id, concerns=source.id, into=target.id, moved=moved
        )


def _lock(*organizations: Organization) -> None:
    """Nobody else changes them, or adds rows that point at them, until this is done."""
    wanted = sorted(each.id for each in organizations)
    statement = select(Organization).where(Organization.id.in_(wanted)).order_by(Organization.id)
    db.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).all()
