"""How much of what an LMS tells of its people is kept. The school chooses; it holds where names are stored.

What is not kept is never written: not at a launch, not with a list of participants, not for a moment in a staging
table. When a school chooses less, what is there already goes in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, Text, and_, bindparam, func, or_, select, update

from lti_tool.core import audit, jobs
from lti_tool.core.db import db, run, table_of
from lti_tool.core.staging import stage, staging_table
from lti_tool.people.models import Identity
from lti_tool.people.names import short_parts
from lti_tool.platforms.models import FULL_NAMES, NO_NAMES, SHORT_NAMES, Registration

AMOUNTS = (FULL_NAMES, SHORT_NAMES, NO_NAMES)
"""From most to least."""
Told = tuple[str, str, str, str, str]
"""sub, name, given name, family name, e-mail address: as operations.TOLD."""


@dataclass(frozen=True)
class Kept:
    """What one registration lets the tool keep of its people."""

    names: str = FULL_NAMES
    emails: bool = True

    @property
    def is_all(self) -> bool:
        return self.names == FULL_NAMES and self.emails

    def of(self, told: Told) -> Told:
        """What may be stored of what was told."""
        sub, name, given, family, email = told
        if self.names == NO_NAMES:
            name = given = family = ""
        elif self.names == SHORT_NAMES:
            given, family = short_parts(name, given, family)
            name = ""
        return sub, name, given, family, email if self.emails else ""

    def is_less_than(self, other: Kept) -> bool:
        """Would anything that `other` keeps have to go?"""
        return AMOUNTS.index(self.names) > AMOUNTS.index(other.names) or (other.emails and not self.emails)


def kept_by(registration_id: int) -> Kept:
    """What this registration lets the tool keep."""
    return Kept(*run(_KEPT, {"registration": registration_id}).one())


_KEPT = select(Registration.kept_names, Registration.keeps_emails).where(Registration.id == bindparam("registration"))
_identity = table_of(Identity)
_ANY_NAME = or_(_identity.c.name != "", _identity.c.given_name != "", _identity.c.family_name != "")
_LONG_NAME = or_(
    _identity.c.name != "",
    and_(_identity.c.family_name != "", func.substr(_identity.c.family_name, 2) != "."),
    _identity.c.given_name.contains(" "),
)
_SHORTENED = staging_table(
    "staged_names", Column("identity_id", Integer, index=True), Column("given", Text), Column("family", Text)
)


def _too_much(kept: Kept) -> ColumnElement[bool] | None:
    """Identities whose stored name says more than may be kept."""
    return {NO_NAMES: _ANY_NAME, SHORT_NAMES: _LONG_NAME}.get(kept.names)


@dataclass(frozen=True)
class Surplus:
    """How many people would lose something."""

    names: int = 0
    emails: int = 0


def surplus_of(registration_id: int, kept: Kept) -> Surplus:
    """What choosing `kept` would remove; one statement."""
    too_much = _too_much(kept)
    names = func.count().filter(too_much) if too_much is not None else func.count().filter(_identity.c.id.is_(None))
    emails = func.count().filter(_identity.c.email != "")
    found = db.session.execute(select(names, emails).where(_identity.c.registration_id == registration_id)).one()
    return Surplus(found[0], 0 if kept.emails else found[1])


_listeners: list[Callable[[int], object]] = []


def on_choice(listener: Callable[[int], object]) -> None:
    """Have a feature above told, with the registration's id, that more or less is kept from now on."""
    if listener not in _listeners:
        _listeners.append(listener)


def choose_kept(*, actor: audit.Acting, registration: Registration, kept: Kept) -> Surplus:
    """Keep this much from now on; what is too much goes at once. Choosing the same again changes nothing."""
    before = Kept(registration.kept_names, registration.keeps_emails)
    if before == kept:
        return Surplus()
    registration.kept_names, registration.keeps_emails = kept.names, kept.emails
    db.session.flush()
    removed = forget_surplus(registration.id, kept)
    for listener in _listeners:
        listener(registration.id)
    facts: dict[str, Any] = {"names": kept.names, "emails": kept.emails, "before": [before.names, before.emails]}
    counts = {"names_removed": removed.names, "emails_removed": removed.emails}
    audit.record(
        actor,
        "registration.choose_names",
        "registration",
        registration.id,
        concerns=registration.organization_id,
        **facts,
        **counts,
    )
    return removed


def forget_surplus(registration_id: int, kept: Kept) -> Surplus:
    """Remove what is stored and may not be kept: a few statements, however many people."""
    own = _identity.c.registration_id == registration_id
    emails = 0
    if not kept.emails:
        emails = run(update(_identity).where(own, _identity.c.email != "").values(email="")).rowcount
    if kept.names == NO_NAMES:
        bare = {"name": "", "given_name": "", "family_name": ""}
        return Surplus(run(update(_identity).where(own, _ANY_NAME).values(bare)).rowcount, emails)
    return Surplus(_shorten(own) if kept.names == SHORT_NAMES else 0, emails)


def _shorten(own: ColumnElement[bool]) -> int:
    """The same shortening as at the edge, staged and written in one statement."""
    columns = (_identity.c.id, _identity.c.name, _identity.c.given_name, _identity.c.family_name)
    long = run(select(*columns).where(own, _LONG_NAME)).all()
    if not long:
        return 0
    rows = [(str(ident), *short_parts(*names)) for ident, *names in long]
    stage(_SHORTENED, ("identity_id", "given", "family"), rows)
    short = {"name": "", "given_name": _SHORTENED.c.given, "family_name": _SHORTENED.c.family}
    return run(update(_identity).where(_identity.c.id == _SHORTENED.c.identity_id).values(short)).rowcount


@jobs.every(timedelta(hours=1))
def forget_stragglers() -> None:
    """A launch or a roster that was being stored at the very moment of a school's choice may have stored too much."""
    less = or_(Registration.kept_names != FULL_NAMES, Registration.keeps_emails.is_(False))
    chosen = select(Registration.id, Registration.kept_names, Registration.keeps_emails).where(less)
    for registration_id, names, emails in db.session.execute(chosen).all():
        forget_surplus(registration_id, Kept(names, emails))
