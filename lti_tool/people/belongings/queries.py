"""Reads about what is kept of a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from lti_tool.core.db import db, is_key, run
from lti_tool.people.belongings.models import Copy, RefusedSub
from lti_tool.people.belongings.registry import Belonging, Subject, belongings, counts
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import Registration


@dataclass(frozen=True)
class Share:
    """How many rows of one kind there are, and what becomes of them."""

    belonging: Belonging
    count: int


def subject_of(person_id: int, organization_id: int | None = None) -> Subject | None:
    """Everything of a person, or what one organization holds of them; None when there is nobody (any more)."""
    if not is_key(person_id):
        return None
    identities = select(Identity.id).join(Registration, Registration.id == Identity.registration_id)
    identities = identities.where(Identity.person_id == person_id, Identity.erased_at.is_(None))
    guests = select(Guest.id).where(Guest.person_id == person_id)
    if organization_id is not None:
        identities = identities.where(Registration.organization_id == organization_id)
        guests = guests.where(Guest.organization_id == organization_id)
    identity_ids, guest_ids = run(identities).scalars().all(), run(guests).scalars().all()
    if not identity_ids and not guest_ids and not _runs_the_hub(person_id, organization_id):
        return None
    return Subject(person_id, identity_ids, guest_ids, organization_id)


def _runs_the_hub(person_id: int, organization_id: int | None) -> bool:
    name = select(Person.operator_name).where(Person.id == person_id)
    return organization_id is None and run(name).scalar() is not None


def shares(subject: Subject) -> list[Share]:
    """What there is about a person, kind by kind; kinds without rows are left out."""
    found = counts(subject)
    return [Share(each, count) for each in belongings() if (count := found[each.table.name, each.column])]


def copies_for(asked_by_id: int, person_id: int, organization_id: int | None) -> Sequence[Copy]:
    """Copies somebody asked for about a person, the newest first."""
    key = {"asked_by_id": asked_by_id, "person_id": person_id, "organization_id": organization_id}
    return db.session.scalars(select(Copy).filter_by(**key).order_by(Copy.id.desc()).limit(5)).all()


def refused(organization_id: int) -> Select[tuple[RefusedSub]]:
    """Who is kept out of the organization's LMSs, the newest first; to be shown in pages."""
    statement = select(RefusedSub).join(Registration, Registration.id == RefusedSub.registration_id)
    return statement.where(Registration.organization_id == organization_id).order_by(RefusedSub.id.desc())


def refused_subs(registration_id: int) -> set[str]:
    """The numbers in one LMS of who is kept out."""
    return set(run(select(RefusedSub.sub).where(RefusedSub.registration_id == registration_id)).scalars())


def warnings(subject: Subject) -> list[Any]:
    """Sentences of other features about what erasing would bring: grades on the way, courses that still list the
    person."""
    return [told for find in _warnings for told in find(subject)]


_warnings: list[Callable[[Subject], list[Any]]] = []


def warn(find: Callable[[Subject], list[Any]]) -> None:
    """Let a feature say what whoever erases a person should know beforehand."""
    if find not in _warnings:
        _warnings.append(find)
