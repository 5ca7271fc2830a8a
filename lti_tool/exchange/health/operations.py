"""What becomes of a check: the next one is planned, and owners are told of what stays wrong, once."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import Select, literal, or_, select, update

from lti_tool.core.db import db, execute, insert_absent, insert_if_absent, utcnow
from lti_tool.exchange.health.models import AskedHost, ResourceCheck
from lti_tool.exchange.health.notices import BROKEN
from lti_tool.exchange.models import COLLECTION, PUBLISHED, Resource, ResourceAuthor
from lti_tool.people.models import Identity
from lti_tool.people.notices.operations import tell, untell
from lti_tool.platforms.models import Registration

EVERY = timedelta(days=1)
SPREAD = timedelta(hours=2)
"""By how much a check may come earlier or later, so that they do not all come at once."""
PATIENCE = timedelta(hours=20)
"""So long something stays wrong, found again, before the owners are told: a night's maintenance is no news."""
PAUSE = timedelta(seconds=2)
"""Between two questions to one host."""


def plan_checks() -> None:
    """Every published resource that holds something is looked at, also the new ones; one statement."""
    now = utcnow()
    wanted = select(Resource.id, literal("waiting"), literal(now, ResourceCheck.due_at.type), literal(0), literal(""))
    published = wanted.add_columns(literal(False)).where(Resource.state == PUBLISHED, Resource.kind != COLLECTION)
    insert_absent(ResourceCheck, ("id", "state", "due_at", "attempts", "fault", "told"), published)


def take_turn(host: str) -> bool:
    """May the host be asked now? One worker gets yes, and nobody for a while after."""
    now = utcnow()
    if insert_if_absent(AskedHost, {"name": host, "free_at": now + PAUSE}):
        return True
    turn = update(AskedHost).where(AskedHost.name == host, AskedHost.free_at <= now).values(free_at=now + PAUSE)
    return execute(turn.execution_options(synchronize_session=False)).rowcount == 1


def put_off(check: ResourceCheck) -> None:
    """The host is being asked by somebody: later."""
    check.state, check.due_at = "waiting", utcnow() + random.uniform(2, 60) * PAUSE


def note(check: ResourceCheck, fault: str) -> None:
    """What was found; owners are told of what stays wrong, and no longer of what is well again."""
    now = utcnow()
    check.checked_at, check.fault, check.state, check.attempts = now, fault, "waiting", 0
    check.due_at = now + EVERY + random.uniform(-1, 1) * SPREAD
    if not fault:
        if check.told:
            untell(list(db.session.scalars(_owners(check.resource))), BROKEN, f"resource-{check.id}")
        check.failing_since, check.told = None, False
        return
    check.failing_since = check.failing_since or now
    if not check.told and now - check.failing_since >= PATIENCE:
        facts = {"resource": check.id, "title": check.resource.title}
        tell(_owners(check.resource), BROKEN, f"resource-{check.id}", facts)
        check.told = True


def _owners(resource: Resource) -> Select[tuple[int]]:
    """Identities, at the organization whose it is, of who added it and of its authors."""
    authors = select(ResourceAuthor.person_id).where(ResourceAuthor.resource_id == resource.id)
    return (
        select(Identity.id)
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Registration.organization_id == resource.organization_id, Identity.erased_at.is_(None))
        .where(or_(Identity.person_id == resource.person_id, Identity.person_id.in_(authors)))
    )
