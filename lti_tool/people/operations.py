"""Verbs about people: remember who arrives, whom a roster names, and which language they chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, func, insert, select, update

from lti_tool.core.db import db, execute, run, utcnow
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import Registration

SEEN_EVERY = timedelta(minutes=10)
"""`last_seen_at` is not written more often than this: most launches change no row of this feature."""
BATCH = 500
_NAMED = ("name", "given_name", "family_name", "email")


class Named(Protocol):
    """What a launch or a roster tells of a person."""

    @property
    def name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def family_name(self) -> str: ...
    @property
    def email(self) -> str: ...


@dataclass(frozen=True)
class Known:
    """An identity at a launch, as plain values."""

    id: int
    person_id: int
    locale: str | None
    """The person's own choice."""
    time_zone: str | None


_WHO = (
    select(Identity.id, Identity.person_id, Person.locale, Person.time_zone, Identity.last_seen_at)
    .add_columns(*(getattr(Identity, name) for name in _NAMED))
    .join(Person, Person.id == Identity.person_id)
    .where(Identity.registration_id == bindparam("registration"), Identity.sub == bindparam("subject"))
)


def remember_identity(registration_id: int, sub: str, person: Named, now: datetime | None = None) -> Known:
    """The identity of who launches, made or brought up to date; one statement when nothing has changed."""
    now = now or utcnow()
    key = {"registration": registration_id, "subject": sub}
    row = run(_WHO, key).first()
    if row is None:
        upsert_identities(registration_id, {sub: person})
        row = run(_WHO, key).one()
    ident, person_id, locale, time_zone, seen, *names = row
    told = {name: getattr(person, name)[:255] for name in _NAMED}
    if names != list(told.values()) or seen is None or now - seen > SEEN_EVERY:
        changed = update(Identity).where(Identity.id == ident).values(last_seen_at=now, **told)
        execute(changed.execution_options(synchronize_session=False))
    return Known(ident, person_id, locale, time_zone)


def upsert_identities(registration_id: int, people: Mapping[str, Named]) -> dict[str, int]:
    """Make or rename identities by `sub`, in bulk; returns identity ids. Unchanged people write no row."""
    known = _known(registration_id, people)
    new = [sub for sub in people if sub not in known]
    if new:
        # one writer at a time per registration, so that alias numbers stay unique
        db.session.execute(select(Registration.id).where(Registration.id == registration_id).with_for_update())
        known = _known(registration_id, people)
        _insert(registration_id, [(sub, people[sub]) for sub in new if sub not in known])
        known = _known(registration_id, people)
    renamed = [
        {"id": ident, **_names(people[sub])} for sub, (ident, names) in known.items() if names != _names(people[sub])
    ]
    if renamed:
        db.session.execute(update(Identity), renamed)
    return {sub: ident for sub, (ident, _names_now) in known.items()}


def _names(person: Named) -> dict[str, str]:
    return {name: getattr(person, name)[:255] for name in _NAMED}


def _known(registration_id: int, subs: Iterable[str]) -> dict[str, tuple[int, dict[str, str]]]:
    wanted = list(subs)
    columns = [getattr(Identity, name) for name in _NAMED]
    found: dict[str, tuple[int, dict[str, str]]] = {}
    for start in range(0, len(wanted), BATCH):
        statement = select(Identity.sub, Identity.id, *columns).where(
            Identity.registration_id == registration_id, Identity.sub.in_(wanted[start : start + BATCH])
        )
        for sub, ident, *names in db.session.execute(statement):
            found[sub] = (ident, dict(zip(_NAMED, names, strict=True)))
    return found


def _insert(registration_id: int, people: list[tuple[str, Named]]) -> None:
    if not people:
        return
    last = select(func.coalesce(func.max(Identity.alias_number), 0)).where(Identity.registration_id == registration_id)
    number = db.session.scalar(last) or 0
    now = utcnow()
    ids = db.session.scalars(insert(Person).returning(Person.id), [{"created_at": now} for _each in people]).all()
    rows: list[dict[str, Any]] = [
        {
            "registration_id": registration_id,
            "person_id": person_id,
            "sub": sub,
            "alias_number": number + place,
            "created_at": now,
            **_names(person),
        }
        for place, (person_id, (sub, person)) in enumerate(zip(ids, people, strict=True), start=1)
    ]
    db.session.execute(insert(Identity), rows)


def choose_language(person_id: int, locale: str) -> None:
    """Remember the language a person chose; it outlives the next launch."""
    execute(update(Person).where(Person.id == person_id).values(locale=locale))
