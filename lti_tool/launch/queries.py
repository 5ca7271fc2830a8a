"""Reads that launches need."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.contexts.models import ResourceLink
from lti_tool.core.db import db
from lti_tool.grades.models import LineItem
from lti_tool.people.models import Identity


def link_target(context_id: int, link_lms_id: str) -> str:
    """What a resource link opens, as it was told at its last launch; empty when it has never been launched."""
    statement = select(ResourceLink.target).where(
        ResourceLink.context_id == context_id, ResourceLink.lms_id == link_lms_id
    )
    return db.session.scalar(statement) or ""


def resource_of_column(context_id: int, url: str) -> str:
    """Our name of what a gradebook column stands for; empty when the column is not ours."""
    statement = select(LineItem.resource_id).where(LineItem.context_id == context_id, LineItem.url == url)
    return db.session.scalar(statement) or ""


def identity_by_sub(registration_id: int, sub: str) -> int | None:
    """The identity with this `sub` in this registration alone."""
    statement = select(Identity.id).where(Identity.registration_id == registration_id, Identity.sub == sub)
    return db.session.scalar(statement)
