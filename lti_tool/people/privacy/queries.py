"""Reads of privacy texts, of where people stand, and of the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from lti_tool.core.db import db, is_key
from lti_tool.people.models import Identity
from lti_tool.people.privacy import builtin
from lti_tool.people.privacy.models import (
    BUILT_IN,
    DRAFT,
    GIVEN,
    REFUSED,
    WITHDRAWN,
    PrivacyEvent,
    PrivacySetting,
    PrivacyStanding,
    PrivacyText,
)
from lti_tool.platforms.models import Registration

PARTS = ("notice_ru", "notice_en", "consent_ru", "consent_en")
STATES = ("asked", "given", "guardian", "refused", "withdrawn", "away")
"""How people stand, for lists: came in and have not answered, agreed, wait for the guardian, said no, took the yes
back, have not come in since consent is asked for."""


class Texts(Protocol):
    """A PrivacyText, or the built-in one."""

    @property
    def notice_ru(self) -> str: ...
    @property
    def notice_en(self) -> str: ...
    @property
    def consent_ru(self) -> str: ...
    @property
    def consent_en(self) -> str: ...


@dataclass(frozen=True)
class BuiltIn:
    """The texts that hold until an organization publishes its own."""

    number: int = BUILT_IN
    notice_ru: str = builtin.NOTICE_RU
    notice_en: str = builtin.NOTICE_EN
    consent_ru: str = builtin.CONSENT_RU
    consent_en: str = builtin.CONSENT_EN


def setting_of(organization_id: int) -> PrivacySetting:
    """What the organization asks; the usual when it has chosen nothing."""
    found = db.session.get(PrivacySetting, organization_id)
    return found or PrivacySetting(
        organization_id=organization_id,
        requires_consent=False,
        guardian=False,
        teachers_confirm=False,
        contact="",
        current=BUILT_IN,
        ask_from=BUILT_IN,
    )


def version(organization_id: int, number: int) -> PrivacyText | BuiltIn | None:
    """A published version; the built-in text has the number BUILT_IN."""
    if number == BUILT_IN:
        return BuiltIn()
    return _text(organization_id, number) if is_key(number) else None


def draft_of(organization_id: int) -> PrivacyText | None:
    """The text that is being written."""
    return _text(organization_id, DRAFT)


def _text(organization_id: int, number: int) -> PrivacyText | None:
    statement = select(PrivacyText).filter_by(organization_id=organization_id, number=number)
    return db.session.scalars(statement).one_or_none()


def versions(organization_id: int) -> Select[tuple[PrivacyText]]:
    """The published versions, the newest first; to be shown in pages."""
    published = (PrivacyText.organization_id == organization_id, PrivacyText.number != DRAFT)
    return select(PrivacyText).where(*published).order_by(PrivacyText.number.desc())


def standing_of(organization_id: int, person_id: int) -> PrivacyStanding | None:
    statement = select(PrivacyStanding).filter_by(organization_id=organization_id, person_id=person_id)
    return db.session.scalars(statement).one_or_none()


def standings(organization_id: int, person_ids: Iterable[int]) -> dict[int, PrivacyStanding]:
    """Where these people stand, by person; who never answered has none. One statement."""
    statement = select(PrivacyStanding).where(
        PrivacyStanding.organization_id == organization_id, PrivacyStanding.person_id.in_(list(person_ids))
    )
    return {row.person_id: row for row in db.session.scalars(statement)}


def history(organization_id: int, person_id: int, limit: int = 100) -> Sequence[PrivacyEvent]:
    """What a person and their organization decided, the newest first."""
    statement = select(PrivacyEvent).filter_by(organization_id=organization_id, person_id=person_id)
    return db.session.scalars(statement.order_by(PrivacyEvent.id.desc()).limit(limit)).all()


def own_people(setting: PrivacySetting, state: str = "", words: Sequence[str] = ()) -> Select[tuple[Identity]]:
    """People who came from the organization's LMSs or are in their rosters, one identity each; to be shown in pages."""
    owner = setting.organization_id
    statement = (
        select(Identity)
        .join(Identity.registration)
        .outerjoin(PrivacyStanding, _same_person(owner))
        .where(Registration.organization_id == owner, Identity.id.in_(_shown(owner)))
    )
    if state in STATES:
        statement = statement.where(_state(setting) == state)
    statement = statement.where(*(_is_called(word) for word in words))
    return statement.order_by(func.lower(Identity.family_name), func.lower(Identity.given_name), Identity.id)


def counts(setting: PrivacySetting) -> dict[str, int]:
    """How many people of the organization stand where; one statement, every state of STATES is named."""
    owner = setting.organization_id
    state = _state(setting).label("standing")
    statement = (
        select(state, func.count())
        .select_from(Identity)
        .join(Registration, Registration.id == Identity.registration_id)
        .outerjoin(PrivacyStanding, _same_person(owner))
        .where(Registration.organization_id == owner, Identity.id.in_(_shown(owner)))
        .group_by(state)
    )
    return {**dict.fromkeys(STATES, 0), **dict(db.session.execute(statement).tuples().all())}


def identity_in(organization_id: int, person_id: int) -> Identity | None:
    """The identity a person is shown by in the organization; None when they are not of it."""
    if not is_key(person_id):
        return None
    statement = select(Identity).join(Identity.registration)
    here = (Registration.organization_id == organization_id, Identity.erased_at.is_(None))
    statement = statement.where(*here, Identity.person_id == person_id)
    return db.session.scalars(statement.order_by(Identity.id).limit(1)).unique().one_or_none()


def standing_in_words(setting: PrivacySetting, standing: PrivacyStanding | None) -> str:
    """One of STATES for a row of a list of people who came in."""
    if standing is None or standing.state not in (GIVEN, REFUSED, WITHDRAWN):
        return "asked"
    if standing.state == GIVEN and standing.version < setting.ask_from:
        return "asked"
    waits = standing.state == GIVEN and setting.guardian and standing.as_pupil and not standing.guardian
    return "guardian" if waits else standing.state


def _same_person(organization_id: int) -> ColumnElement[bool]:
    return and_(PrivacyStanding.person_id == Identity.person_id, PrivacyStanding.organization_id == organization_id)


def _shown(organization_id: int) -> Select[tuple[int]]:
    """The oldest identity of each person: one human may come from two LMSs of an organization."""
    return (
        select(func.min(Identity.id))
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Registration.organization_id == organization_id, Identity.erased_at.is_(None))
        .group_by(Identity.person_id)
    )


def _state(setting: PrivacySetting) -> ColumnElement[str]:
    """One of STATES, worked out by the database."""
    agreed = and_(PrivacyStanding.state == GIVEN, PrivacyStanding.version >= setting.ask_from)
    waits = and_(agreed, PrivacyStanding.as_pupil.is_(True), PrivacyStanding.guardian.is_(False))
    came = (
        Identity.last_seen_at.is_not(None)
        if setting.required_since is None
        else or_(Identity.last_seen_at >= setting.required_since, PrivacyStanding.state == GIVEN)
    )
    branches = [(waits, "guardian")] if setting.guardian else []
    return case(
        *branches,
        (agreed, "given"),
        (PrivacyStanding.state == REFUSED, "refused"),
        (PrivacyStanding.state == WITHDRAWN, "withdrawn"),
        (came, "asked"),
        else_="away",
    )


def _is_called(word: str) -> ColumnElement[bool]:
    """A part of the name in any case, or the number of who has none."""
    told = Identity.name + " " + Identity.given_name + " " + Identity.family_name
    part = func.replace(func.lower(told), "ё", "е").contains(word.lower().replace("ё", "е"), autoescape=True)
    nameless = Identity.name + Identity.given_name + Identity.family_name == ""
    number = int(word) if word.isdecimal() and len(word) < 10 else 0
    return or_(part, and_(nameless, Identity.alias_number == number))
