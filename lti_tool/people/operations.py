"""Verbs about people: remember who arrives, whom a roster names, and which language they chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import REGCLASS

from lti_tool.core.db import Base, UTCDateTime, db, execute, run, table_of, utcnow
from lti_tool.core.staging import stage, staging_table
from lti_tool.people.belongings.models import RefusedSub
from lti_tool.people.keeping import Kept, Told, kept_by
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import Registration

SEEN_EVERY = timedelta(minutes=10)
"""`last_seen_at` is not written more often than this: most launches change no row of this feature."""
_NAMED = ("name", "given_name", "family_name", "email")
TOLD = ("sub", *_NAMED)
"""What a roster tells of a person, in the order of the staged columns."""


class KeptOut(Exception):
    """Somebody who was erased, and whom their organization keeps out."""


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
    name: str = field(default="", repr=False)
    """As far as the school lets it be kept."""


_WHO = (
    select(Identity.id, Identity.person_id, Person.locale, Person.time_zone, Identity.last_seen_at)
    .add_columns(Registration.kept_names, Registration.keeps_emails)
    .add_columns(*(getattr(Identity, name) for name in _NAMED))
    .join(Person, Person.id == Identity.person_id)
    .join(Registration, Registration.id == Identity.registration_id)
    .where(Identity.registration_id == bindparam("registration"), Identity.sub == bindparam("subject"))
)


def remember_identity(registration_id: int, sub: str, person: Named, now: datetime | None = None) -> Known:
    """The identity of who launches, made or brought up to date; one statement when nothing has changed. Raises KeptOut."""
    now = now or utcnow()
    key = {"registration": registration_id, "subject": sub}
    row = run(_WHO, key).first()
    if row is None:
        if run(_KEPT_OUT, key).first() is not None:
            raise KeptOut
        upsert_identities(registration_id, {sub: person})
        row = run(_WHO, key).one()
    ident, person_id, locale, time_zone, seen, kept_names, keeps_emails, *names = row
    told = dict(zip(TOLD, Kept(kept_names, keeps_emails).of(_told(sub, person)), strict=True))
    del told["sub"]
    if names != list(told.values()) or seen is None or now - seen > SEEN_EVERY:
        # by `sub` as well: somebody erased at this moment stays so, and comes in as somebody new the next time
        changed = update(Identity).where(Identity.id == ident, Identity.sub == sub).values(last_seen_at=now, **told)
        execute(changed.execution_options(synchronize_session=False))
    return Known(ident, person_id, locale, time_zone, told["name"] or told["given_name"])


_KEPT_OUT = select(RefusedSub.id).where(
    RefusedSub.registration_id == bindparam("registration"), RefusedSub.sub == bindparam("subject")
)


def upsert_identities(registration_id: int, people: Mapping[str, Named]) -> dict[str, int]:
    """Make or rename identities by `sub`, in bulk; returns identity ids. Unchanged people write no row."""
    kept = kept_by(registration_id)
    stage(_PEOPLE, TOLD, [kept.of(_told(sub, person)) for sub, person in people.items()])
    identify(registration_id, _PEOPLE)
    return dict(run(select(_PEOPLE.c.sub, _PEOPLE.c.identity_id)).tuples().all())


def staged_people() -> list[Column[Any]]:
    """Columns of a staging table of people: those of TOLD, and the keys that `identify` fills in."""
    told = [Column(name, Text, nullable=False, index=name == "sub") for name in TOLD]
    return [*told, Column("identity_id", Integer, index=True), Column("person_id", Integer)]


def identify(registration_id: int, staged: Table) -> None:
    """Make or rename the identities of staged people, and note their ids there. Unchanged people write no row.

    Whoever was erased and is kept out is taken from the stage.
    """
    identity = table_of(Identity)
    named = (identity.c.registration_id == registration_id, identity.c.sub == staged.c.sub)
    find = update(staged).where(*named).values(identity_id=identity.c.id)
    run(find)
    missing = select(staged.c.sub).where(staged.c.identity_id.is_(None)).limit(1)
    if run(missing).first() is not None:
        # one writer at a time per registration, so that alias numbers stay unique
        run(select(Registration.id).where(Registration.id == registration_id).with_for_update())
        run(find)
        kept_out = select(RefusedSub.sub).where(RefusedSub.registration_id == registration_id)
        run(delete(staged).where(staged.c.identity_id.is_(None), staged.c.sub.in_(kept_out)))
        _add_missing(registration_id, staged)
    was_there = (
        identity.c.id == staged.c.identity_id,
        identity.c.sub == staged.c.sub,  # not who was erased since they were found
        staged.c.person_id.is_(None),
    )
    differs = or_(*(identity.c[name] != staged.c[name] for name in _NAMED))
    if run(select(identity.c.id).where(*was_there, differs).limit(1)).first() is not None:
        run(update(identity).where(*was_there, differs).values({name: staged.c[name] for name in _NAMED}))


def _add_missing(registration_id: int, staged: Table) -> None:
    """A person and an identity for everyone staged who has none; aliases count on from the last one."""
    keys = {"person_id": _next_key(Person, staged), "identity_id": _next_key(Identity, staged)}
    run(update(staged).where(staged.c.identity_id.is_(None)).values(**keys))
    made, now = staged.c.person_id.is_not(None), utcnow()
    person = select(staged.c.person_id, literal(now, UTCDateTime)).where(made)
    run(insert(table_of(Person)).from_select(["id", "created_at"], person, include_defaults=False))
    last = select(func.coalesce(func.max(Identity.alias_number), 0)).where(Identity.registration_id == registration_id)
    told = [staged.c[name] for name in ("identity_id", "person_id", "sub", *_NAMED)]
    number = last.scalar_subquery() + func.row_number().over(order_by=staged.c.person_id)
    rows = select(literal(registration_id), literal(now, UTCDateTime), number, *told).where(made)
    names = ["registration_id", "created_at", "alias_number", "id", "person_id", "sub", *_NAMED]
    run(insert(table_of(Identity)).from_select(names, rows, include_defaults=False))


def _next_key(model: type[Base], staged: Table) -> ColumnElement[int]:
    """An unused key of a table for every row; SQLite has one writer, who counts on from the last."""
    if db.engine.dialect.name == "postgresql":
        sequence = select(func.pg_get_serial_sequence(model.__tablename__, "id")).scalar_subquery()
        return func.nextval(cast(sequence, REGCLASS))
    key = table_of(model).c.id
    return select(func.coalesce(func.max(key), 0)).scalar_subquery() + literal_column(f"{staged.name}.rowid", Integer)


_PEOPLE = staging_table("staged_people", *staged_people())


def _told(sub: str, person: Named) -> Told:
    return sub, person.name[:255], person.given_name[:255], person.family_name[:255], person.email[:255]


def choose_language(person_id: int, locale: str) -> None:
    """Remember the language a person chose; it outlives the next launch."""
    execute(update(Person).where(Person.id == person_id).values(locale=locale))
