"""What an actor is to a resource: author, colleague, partner, pupil of a class that uses it, or nobody. Read once per
request, judged by policy.py."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from lti_tool.agreements.queries import partnership
from lti_tool.contexts.models import Context
from lti_tool.core.db import db, get_or_none
from lti_tool.exchange.harvesting.models import HarvestedRecord
from lti_tool.exchange.models import (
    DRAFT,
    HUB,
    PARTNERS,
    PUBLIC,
    PUBLISHED,
    RETIRED,
    CollectionItem,
    Resource,
    ResourceAuthor,
    ResourceUse,
)
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class Access:
    """A resource as one actor stands to it."""

    resource: Resource
    authored: bool = False
    own: bool = False
    """It is the actor's organization's."""
    harvested: bool = False
    """It is a draft that a harvest brought, nobody's own."""
    partner: bool = False
    """The actor's organization has an agreement in force with its owner."""
    placed_in: tuple[int, ...] = ()
    """LMS courses entered in this session in which a teacher placed it, the newest launch's first."""

    @property
    def is_open(self) -> bool:
        """Published, or retired without being withdrawn: with a notice, for those who use it."""
        state = self.resource.state
        return state == PUBLISHED or (state == RETIRED and not self.resource.withdrawn)

    @property
    def is_draft(self) -> bool:
        return self.resource.state == DRAFT


def is_grown_up(actor: Actor) -> bool:
    """A teacher, administrator or coordinator of an organization: no pupil, and no external partner."""
    return actor.organization_id is not None and not actor.is_pupil and not actor.is_partner


def resource_access(actor: Actor | None, resource_id: int) -> Access | None:
    """How `actor` stands to the resource; None when there is no such resource."""
    resource = get_or_none(Resource, resource_id)
    if resource is None or actor is None:
        return Access(resource) if resource else None
    own = actor.organization_id == resource.organization_id
    by_agreement = resource.visibility == PARTNERS and not own and actor.organization_id is not None
    return Access(
        resource,
        authored=own and (resource.person_id == actor.person_id or _is_author(actor, resource_id)),
        own=own,
        harvested=own and resource.state == DRAFT and resource.person_id is None and _is_harvested(resource_id),
        partner=by_agreement and partnership(resource.organization_id, actor.organization_id or 0).in_force,
        placed_in=_placed_in(actor, resource_id, in_collections=own or resource.visibility in (HUB, PUBLIC)),
    )


def _is_harvested(resource_id: int) -> bool:
    statement = select(HarvestedRecord.id).where(HarvestedRecord.resource_id == resource_id)
    return db.session.scalar(statement.limit(1)) is not None


def _is_author(actor: Actor, resource_id: int) -> bool:
    statement = select(ResourceAuthor.id).where(
        ResourceAuthor.resource_id == resource_id, ResourceAuthor.person_id == actor.person_id
    )
    return db.session.scalar(statement.limit(1)) is not None


def _placed_in(actor: Actor, resource_id: int, *, in_collections: bool) -> tuple[int, ...]:
    """Placed itself, or (`in_collections`) in a collection that is placed."""
    if not actor.roles:
        return ()
    placed = ResourceUse.resource_id == resource_id
    if in_collections:
        held = select(CollectionItem.collection_id).where(CollectionItem.resource_id == resource_id)
        placed = or_(placed, ResourceUse.resource_id.in_(held))
    statement = (
        select(ResourceUse.context_id)
        .join(Context, Context.id == ResourceUse.context_id)
        .where(placed, ResourceUse.context_id.in_(list(actor.roles)))
        .where(Context.registration_id == actor.registration_id)
        .distinct()
    )
    found = db.session.scalars(statement).all()
    return tuple(sorted(found, key=lambda ident: ident != actor.context_id))
