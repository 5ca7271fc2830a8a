"""Reads of reports, questions and requests, with the names of who wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import joinedload, selectinload

from lti_tool.core.db import db
from lti_tool.exchange.community.models import OPEN, Need, NeedAnswer, Question, UsageReport
from lti_tool.exchange.models import Resource
from lti_tool.exchange.search.models import ResourceEntry
from lti_tool.exchange.search.queries import Viewer, visible
from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import Identity
from lti_tool.people.names import display_name, guest_name
from lti_tool.platforms.models import Registration

SHOWN = 50


def reports_of(resource_id: int) -> Sequence[UsageReport]:
    """Reports about a resource, the newest first."""
    statement = select(UsageReport).where(UsageReport.resource_id == resource_id)
    return db.session.scalars(statement.order_by(UsageReport.changed_at.desc()).limit(SHOWN)).all()


def own_report(resource_id: int, person_id: int) -> UsageReport | None:
    """The person's own report."""
    key = {"resource_id": resource_id, "person_id": person_id}
    return db.session.scalars(select(UsageReport).filter_by(**key)).one_or_none()


def questions_of(resource_id: int) -> Sequence[Question]:
    """Questions about a resource, the newest first."""
    statement = select(Question).where(Question.resource_id == resource_id)
    return db.session.scalars(statement.order_by(Question.id.desc()).limit(SHOWN)).all()


def names_of(viewer: Actor, rows: Iterable[Any]) -> dict[int, str]:
    """What the viewer may call the people who wrote these rows (with `person_id`, `organization_id`); two statements.

    They are grown-ups who act for their organizations, as teachers do.
    """
    wanted = {(row.person_id, row.organization_id) for row in rows}
    if not wanted:
        return {}
    people = {person_id for person_id, _organization in wanted}
    identities = (
        select(Identity)
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Identity.person_id.in_(people))
        .order_by(Identity.id.desc())
    )
    found: dict[int, str] = {}
    for guest in db.session.scalars(select(Guest).where(Guest.person_id.in_(people))).unique():
        found[guest.person_id or 0] = guest_name(viewer, guest)
    for identity in db.session.scalars(identities).unique():
        if (identity.person_id, identity.registration.organization_id) in wanted:
            found[identity.person_id] = display_name(viewer, identity, teacher=True)
    return found


def needs(*, subject: str = "", state: str = OPEN) -> Select[tuple[Need]]:
    """Requests, the newest first."""
    statement = select(Need).where(Need.state == state)
    if subject:
        statement = statement.where(cast(Need.subjects, Text).contains(f'"{subject}"', autoescape=True))
    return statement.order_by(Need.id.desc())


def answers_to(need: Need, viewer: Viewer) -> Sequence[NeedAnswer]:
    """What was offered for a request, as far as the viewer may find it."""
    open_ones = select(ResourceEntry.id).where(ResourceEntry.id == NeedAnswer.resource_id, visible(viewer))
    statement = (
        select(NeedAnswer)
        .where(NeedAnswer.need_id == need.id, open_ones.exists())
        .options(joinedload(NeedAnswer.resource).selectinload(Resource.authors))
        .order_by(NeedAnswer.id)
    )
    return db.session.scalars(statement).unique().all()


def counts_of_answers(need_ids: Sequence[int]) -> dict[int, int]:
    """How many resources were offered for each request."""
    statement = select(NeedAnswer.need_id, func.count()).where(NeedAnswer.need_id.in_(need_ids))
    return dict(db.session.execute(statement.group_by(NeedAnswer.need_id)).tuples().all())


def thanked(organization_id: int) -> int:
    """How many requests of others were answered with resources of the organization, to the thanks of who asked."""
    statement = select(func.count(func.distinct(NeedAnswer.need_id))).where(
        NeedAnswer.organization_id == organization_id, NeedAnswer.thanked_at.is_not(None)
    )
    return db.session.scalar(statement) or 0


def unanswered(person_id: int) -> Sequence[Question]:
    """Questions to a person's resources that wait for an answer."""
    statement = (
        select(Question)
        .join(Resource, Resource.id == Question.resource_id)
        .where(Resource.person_id == person_id, Question.answered_at.is_(None))
        .options(joinedload(Question.resource), selectinload(Question.organization))
        .order_by(Question.id)
        .limit(SHOWN)
    )
    return db.session.scalars(statement).unique().all()
