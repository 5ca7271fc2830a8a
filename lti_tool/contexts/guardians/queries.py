"""Reads for confirming guardians' consent: the organization's LMS courses, and the pupils of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select

from lti_tool.contexts.models import LEARNER, Context, Membership
from lti_tool.contexts.queries import Wanted, participants
from lti_tool.core.db import db, is_key
from lti_tool.people.models import Identity
from lti_tool.people.privacy.models import PrivacySetting, PrivacyStanding
from lti_tool.platforms.models import Registration

MISSING, CONFIRMED = "missing", "confirmed"
"""Which pupils a page shows; empty: all of them."""


@dataclass(frozen=True)
class ClassOfPupils:
    """An LMS course with what decides who may confirm for its pupils."""

    id: int
    registration_id: int
    organization_id: int
    title: str
    guardian: bool
    """The organization wants guardians' consent at all."""
    teachers_confirm: bool


@dataclass(frozen=True)
class Progress:
    """How far an LMS course has come."""

    pupils: int
    confirmed: int


def class_of_pupils(context_id: int) -> ClassOfPupils | None:
    """One LMS course; one statement."""
    if not is_key(context_id):
        return None
    wanted = func.coalesce(PrivacySetting.requires_consent & PrivacySetting.guardian, False)
    statement = (
        select(Context.id, Context.registration_id, Registration.organization_id, Context.title, wanted)
        .add_columns(func.coalesce(PrivacySetting.teachers_confirm, False))
        .join(Registration, Registration.id == Context.registration_id)
        .outerjoin(PrivacySetting, PrivacySetting.organization_id == Registration.organization_id)
        .where(Context.id == context_id)
    )
    row = db.session.execute(statement).first()
    return None if row is None else ClassOfPupils(*row)


def contexts_of(organization_id: int) -> Select[tuple[Context]]:
    """The LMS courses people of the organization came from, by title; to be shown in pages."""
    statement = select(Context).join(Context.registration).where(Registration.organization_id == organization_id)
    return statement.order_by(func.lower(Context.title), Context.id)


def progress(organization_id: int, context_ids: Sequence[int]) -> dict[int, Progress]:
    """Pupils, and how many of them are confirmed, by LMS course; one statement."""
    statement = (
        select(Membership.context_id, func.count(), func.count().filter(PrivacyStanding.guardian.is_(True)))
        .join(Identity, Identity.id == Membership.identity_id)
        .outerjoin(PrivacyStanding, _same_person(organization_id))
        .where(Membership.context_id.in_(list(context_ids)), *_is_pupil())
        .group_by(Membership.context_id)
    )
    return {context_id: Progress(*counts) for context_id, *counts in db.session.execute(statement)}


def pupils(place: ClassOfPupils, name: str = "", which: str = "") -> Select[tuple[Membership]]:
    """The pupils of an LMS course by family name; to be shown in pages."""
    statement = participants(place.id, Wanted(name=name, status="active", role=LEARNER))
    statement = statement.outerjoin(PrivacyStanding, _same_person(place.organization_id))
    if which in (MISSING, CONFIRMED):
        has = func.coalesce(PrivacyStanding.guardian, False)
        statement = statement.where(has.is_(which == CONFIRMED))
    return statement


def people_among(place: ClassOfPupils, person_ids: Sequence[int]) -> list[int]:
    """Those of the persons named who are pupils of the LMS course."""
    wanted = [person_id for person_id in person_ids if is_key(person_id)]
    statement = (
        select(Identity.person_id)
        .join(Membership, Membership.identity_id == Identity.id)
        .where(Membership.context_id == place.id, Identity.person_id.in_(wanted), *_is_pupil())
    )
    return list(db.session.scalars(statement))


def _is_pupil() -> tuple[ColumnElement[bool], ...]:
    role = func.coalesce(Membership.launch_role, Membership.roster_role)
    return (Membership.status == "active", role == LEARNER)


def _same_person(organization_id: int) -> ColumnElement[bool]:
    return and_(PrivacyStanding.person_id == Identity.person_id, PrivacyStanding.organization_id == organization_id)
