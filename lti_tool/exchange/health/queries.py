"""Reads about what no longer answers."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from lti_tool.core.db import db
from lti_tool.exchange.health.models import ResourceCheck
from lti_tool.exchange.models import PUBLISHED, Resource


def failing(organization_id: int) -> Select[tuple[ResourceCheck]]:
    """Checks that failed, of published resources of the organization, the longest first; to be shown in pages."""
    return (
        select(ResourceCheck)
        .join(Resource, Resource.id == ResourceCheck.id)
        .where(Resource.organization_id == organization_id, Resource.state == PUBLISHED)
        .where(ResourceCheck.failing_since.is_not(None))
        .options(contains_eager(ResourceCheck.resource))
        .order_by(ResourceCheck.failing_since, ResourceCheck.id)
    )


def failing_count(organization_id: int) -> int:
    """How many there are; one statement."""
    return db.session.scalar(select(func.count()).select_from(failing(organization_id).subquery())) or 0


def trouble_of(resource_id: int) -> ResourceCheck | None:
    """The check of a resource, if it failed."""
    return db.session.scalar(
        select(ResourceCheck).where(ResourceCheck.id == resource_id, ResourceCheck.failing_since.is_not(None))
    )
