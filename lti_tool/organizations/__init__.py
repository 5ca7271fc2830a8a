"""Organizations of the network: their types, departments and contacts."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import audit
from lti_tool.core import policy as engine
from lti_tool.core.audit import AuditEvent
from lti_tool.organizations import cli, pointers, policy, storage, views, wording
from lti_tool.organizations.models import Organization, StorageUse

__all__ = ["storage"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    pointers.moves(Organization.merged_into_id)
    pointers.moves(StorageUse.organization_id, settle=pointers.one_for_each(StorageUse.organization_id))
    pointers.stays(AuditEvent.organization_id)
    pointers.stays(AuditEvent.concerns_id)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.organizations)
