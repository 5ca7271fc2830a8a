"""Using a resource: placing it in LMS courses, staying with a version, working it through."""

from __future__ import annotations

from sqlalchemy import update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.exchange.models import CompletedWork, Resource, ResourceUse
from lti_tool.exchange.search.operations import note_numbers
from lti_tool.grades.operations import record_score
from lti_tool.people.actor import Actor


def column_of(resource_id: int) -> str:
    """Our name of the gradebook column of a resource."""
    return f"resource-{resource_id}"


def place(*, actor: Actor, resource: Resource, context_id: int) -> None:
    """Open a resource to the people of an LMS course; nothing when it is there already."""
    assert actor.organization_id is not None
    values = {
        "resource_id": resource.id,
        "context_id": context_id,
        "organization_id": actor.organization_id,
        "person_id": actor.person_id,
        "seen_number": resource.number,
        "created_at": utcnow(),
    }
    if not insert_if_absent(ResourceUse, values):
        return
    _add(resource, used=1)
    note_numbers(resource)
    audit.record(
        actor, "resource.place", "resource", resource.id, concerns=resource.organization_id, context=context_id
    )


def pin(*, actor: Actor, use: ResourceUse, number: int | None) -> None:
    """Let a class stay with a version, or always have the newest (None)."""
    use.pinned, use.seen_number = number, use.resource.number
    audit.record(actor, "resource.pin", "resource", use.resource_id, context=use.context_id, number=number)


def complete(*, actor: Actor, resource: Resource, context_id: int) -> None:
    """A pupil has worked it through: the points of its column go to the home gradebook. Safe to repeat."""
    assert actor.identity_id is not None
    key = {"resource_id": resource.id, "context_id": context_id, "identity_id": actor.identity_id}
    now = utcnow()
    if not insert_if_absent(CompletedWork, {**key, "created_at": now}):
        return
    audit.record(actor, "resource.complete", "resource", resource.id, context=context_id)
    if resource.points is not None:
        record_score(
            actor=actor,
            context_id=context_id,
            resource_id=column_of(resource.id),
            label=resource.title,
            identity_id=actor.identity_id,
            given=resource.points,
            maximum=resource.points,
            comment="",
            graded_at=now,
        )


def _add(resource: Resource, **more: int) -> None:
    """Count up in the database, where others count at the same time."""
    values = {name: getattr(Resource, name) + count for name, count in more.items()}
    statement = update(Resource).where(Resource.id == resource.id).values(**values)
    execute(statement.execution_options(synchronize_session=False))
    db.session.refresh(resource, list(more))
