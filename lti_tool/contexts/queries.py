"""Reads of contexts and rosters that several callers need."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, bindparam, cast, exists, func, or_, select

from lti_tool.contexts.models import Context, Membership, MembershipEvent, ResourceLink, RosterSync
from lti_tool.core.db import db, is_key, run
from lti_tool.people.models import Identity
from lti_tool.platforms.doctor import ServicePlace

OTHER = "other"
"""Neither TEACHER nor LEARNER, in a search."""


@dataclass(frozen=True)
class RosterState:
    """How fresh a context's roster is, for a screen."""

    context_id: int
    offered: bool
    """The LMS offers its roster at all."""
    synced_at: datetime | None
    running: bool
    members: int
    error: str | None


@dataclass(frozen=True)
class Entered:
    """What the home page needs of a context."""

    id: int
    registration_id: int
    title: str
    memberships_url: str | None


_ENTERED = select(Context.id, Context.registration_id, Context.title, Context.memberships_url).where(
    Context.id == bindparam("context_id")
)


def entered_context(context_id: int) -> Entered | None:
    """The context of a launch, or one asked for; None when there is none."""
    if not is_key(context_id):
        return None
    row = run(_ENTERED, {"context_id": context_id}).first()
    return None if row is None else Entered(*row)


def roster_state(context: Context | Entered) -> RosterState:
    """The state of one context's roster; one statement."""
    sync = db.session.scalar(select(RosterSync).where(RosterSync.context_id == context.id))
    return RosterState(
        context_id=context.id,
        offered=context.memberships_url is not None,
        synced_at=sync.synced_at if sync else None,
        running=sync is not None and sync.state in ("waiting", "sending"),
        members=sync.members if sync else 0,
        error=sync.error if sync else None,
    )


@dataclass(frozen=True)
class ContextRow:
    """A context for the command line."""

    id: int
    registration: int
    lms_id: str
    title: str
    members: int
    roster_age: int | None
    """Seconds since the last complete roster."""
    last_error: str | None


def context_rows(now: datetime) -> list[ContextRow]:
    """Every context with the number of its active members and the state of its roster; one statement."""
    count = func.count(Membership.id).filter(Membership.status == "active")
    statement = (
        select(
            Context.id,
            Context.registration_id,
            Context.lms_id,
            Context.title,
            count,
            RosterSync.synced_at,
            RosterSync.error,
        )
        .outerjoin(Membership, Membership.context_id == Context.id)
        .outerjoin(RosterSync, RosterSync.context_id == Context.id)
        .group_by(Context.id, RosterSync.synced_at, RosterSync.error)
        .order_by(Context.id)
    )
    return [_context_row(row, now) for row in db.session.execute(statement)]


def _context_row(row: Row[tuple[int, int, str, str, int, datetime | None, str | None]], now: datetime) -> ContextRow:
    ident, registration, lms_id, title, members, synced_at, error = row
    age = int((now - synced_at).total_seconds()) if synced_at else None
    return ContextRow(ident, registration, lms_id, title, members, age, error)


def members_of(context_id: int) -> Sequence[Membership]:
    """Everybody ever seen in a context, with their identities; one statement."""
    statement = select(Membership).join(Membership.identity).where(Membership.context_id == context_id)
    return db.session.scalars(statement.order_by(Identity.id)).unique().all()


@dataclass(frozen=True)
class Wanted:
    """Which participants a page shows; empty: all of them."""

    name: str = ""
    status: str = ""
    """active or inactive."""
    role: str = ""
    """TEACHER, LEARNER, or OTHER."""
    group: str = ""


def participants(context_id: int, wanted: Wanted) -> Select[tuple[Membership]]:
    """The memberships of a context that are wanted, by family name; to be shown in pages."""
    statement = select(Membership).join(Membership.identity).where(Membership.context_id == context_id)
    if wanted.status:
        statement = statement.where(Membership.status == wanted.status)
    if wanted.role:
        role = func.coalesce(Membership.launch_role, Membership.roster_role, OTHER)
        statement = statement.where(role == wanted.role)
    if wanted.group:
        groups = cast(Membership.home_groups, String)
        statement = statement.where(groups.contains(json.dumps(wanted.group), autoescape=True))
    statement = statement.where(*(_is_called(word) for word in wanted.name.split()[:8]))
    return statement.order_by(func.lower(Identity.family_name), func.lower(Identity.given_name), Identity.id)


def _is_called(word: str) -> ColumnElement[bool]:
    """A part of the name in any case, or the number of who has none."""
    told = Identity.name + " " + Identity.given_name + " " + Identity.family_name
    part = func.replace(func.lower(told), "ё", "е").contains(word.lower().replace("ё", "е"), autoescape=True)
    nameless = Identity.name + Identity.given_name + Identity.family_name == ""
    return or_(part, and_(nameless, cast(Identity.alias_number, String) == word))


def changes(context_id: int) -> Select[tuple[MembershipEvent]]:
    """The history of a context, the newest first; to be shown in pages."""
    newest_first = (MembershipEvent.at.desc(), MembershipEvent.id.desc())
    return select(MembershipEvent).where(MembershipEvent.context_id == context_id).order_by(*newest_first)


def home_groups(context_id: int) -> dict[int, list[str]]:
    """Ids of the groups of the LMS course by identity id; only those in any, as far as launches told."""
    statement = select(Membership.identity_id, Membership.home_groups).where(
        Membership.context_id == context_id, cast(Membership.home_groups, String) != "[]"
    )
    return dict(db.session.execute(statement).tuples().all())


def service_place(registration_id: int) -> ServicePlace:
    """Where the services of a registration can be tried: in the context launched last that offers them."""
    offered = select(Context.memberships_url, Context.lineitems_url, Context.ags_scopes).where(
        Context.registration_id == registration_id
    )
    newest = offered.order_by(Context.last_launch_at.desc(), Context.id.desc()).limit(1)
    members = db.session.execute(newest.where(Context.memberships_url.is_not(None))).first()
    grades = db.session.execute(newest.where(Context.lineitems_url.is_not(None))).first()
    return ServicePlace(
        memberships_url=members[0] if members else None,
        lineitems_url=grades[1] if grades else None,
        ags_scopes=tuple(grades[2]) if grades else (),
    )


def services_seen(registration_id: int) -> dict[str, Any]:
    """When a roster was last stored, whether groups were told and content was chosen: one statement."""
    own = Context.registration_id == registration_id
    rostered = select(func.max(RosterSync.synced_at)).join(Context, Context.id == RosterSync.context_id).where(own)
    grouped = (
        exists().where(Membership.context_id == Context.id, cast(Membership.home_groups, String) != "[]").where(own)
    )
    chosen = exists().where(ResourceLink.context_id == Context.id, ResourceLink.target != "").where(own)
    row = db.session.execute(select(rostered.scalar_subquery(), grouped, chosen)).one()
    return {"rostered_at": row[0], "groups": row[1] or None, "chosen": row[2] or None}
