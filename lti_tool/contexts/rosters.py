"""Store a complete roster: all that differs, in one transaction, with its history. See docs/developer/rosters.md.

The roster is staged, its people are found or made, and the database names what differs: an unchanged roster writes no
row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Row,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from lti_tool.contexts.models import (
    BY_LAUNCH,
    BY_ROSTER,
    JOINED,
    LEARNER,
    LEFT,
    RETURNED,
    ROLE_CHANGED,
    Membership,
    MembershipEvent,
)
from lti_tool.contexts.operations import LAUNCHED_EVERY, role_of
from lti_tool.contexts.watching import tell
from lti_tool.core.db import UTCDateTime, insert_absent, run, table_of, utcnow
from lti_tool.core.staging import stage, staging_table
from lti_tool.lti.services import Member
from lti_tool.people.keeping import Kept, kept_by
from lti_tool.people.operations import TOLD, identify, staged_people

ARRIVED_LATELY = 2 * LAUNCHED_EVERY
"""A pupil who came in within this time may be missing in a roster."""
OVERLAP = timedelta(minutes=5)
"""Longer than storing a roster takes: launches in that time count as later than it."""

_STAGED = staging_table(
    "staged_roster", *staged_people(), Column("role", Text), Column("roles", JSON), Column("status", Text)
)
"""A role of "" is none."""
_MEMBER, _EVENT = table_of(Membership), table_of(MembershipEvent)
_ROLE = func.nullif(_STAGED.c.role, "")


def store_roster(*, context_id: int, registration_id: int, members: Sequence[Member]) -> int:
    """Make the memberships of a context agree with a complete roster, which names nobody twice; returns how many are
    active.

    Who is missing is suspended, never deleted. An unchanged roster writes no row.
    """
    rows = _rows(members, kept_by(registration_id))
    stage(_STAGED, (*TOLD, "role", "roles", "status"), rows)
    identify(registration_id, _STAGED)
    now = utcnow()
    is_first = run(_ANYBODY, {"context": context_id}).first() is None
    added = _add_new(context_id, now)
    changes: list[_Change] = []
    if not is_first or added < len(rows):  # else there is nobody to compare with
        changes = [*_changed(context_id, now), *_departed(context_id, now)]
        _write(changes, context_id, now)
    if added or changes:
        tell(context_id)
    return sum(row[-1] == "active" for row in rows)


def _rows(members: Sequence[Member], kept: Kept) -> list[tuple[str, ...]]:
    """What is staged of each: as TOLD, then role, role strings and status. Few combinations of the latter occur."""
    told: dict[tuple[int, str], tuple[str, str, str]] = {}
    rows: list[tuple[str, ...]] = []
    for member in members:
        kind = id(member.roles), member.status
        if kind not in told:
            told[kind] = _told(member)
        person = member[:5] if kept.is_all else kept.of(member[:5])
        rows.append(person + told[kind])
    return rows


def _told(member: Member) -> tuple[str, str, str]:
    status = "active" if member.is_active else "inactive"
    return role_of(member.roles) or "", json.dumps(member.roles.strings), status


_ANYBODY = select(_MEMBER.c.id).where(_MEMBER.c.context_id == bindparam("context")).limit(1)


def _add_new(context_id: int, now: datetime) -> int:
    """Memberships of people who have none here, and their joining; returns how many."""
    known = select(_MEMBER.c.identity_id).where(_MEMBER.c.context_id == context_id)
    new = select(_STAGED.c.identity_id).where(_STAGED.c.identity_id.not_in(known))
    if run(new.limit(1)).first() is None:
        return 0
    columns = ["identity_id", "context_id", "roster_role", "roster_roles", "status", "created_at"]
    told = new.add_columns(literal(context_id), _ROLE, _STAGED.c.roles, _STAGED.c.status, literal(now, UTCDateTime))
    added = insert_absent(Membership, columns, told)
    joined = select(
        _MEMBER.c.context_id,
        _MEMBER.c.identity_id,
        literal(JOINED),
        literal(BY_ROSTER),
        _MEMBER.c.roster_role,
        _MEMBER.c.created_at,
    ).where(_MEMBER.c.context_id == context_id, _MEMBER.c.created_at == now, _MEMBER.c.status == "active")
    columns = ["context_id", "identity_id", "kind", "source", "new_role", "at"]
    run(insert(_EVENT).from_select(columns, joined, include_defaults=False))
    return added


_KEPT = (
    _MEMBER.c.id,
    _MEMBER.c.identity_id,
    _MEMBER.c.status,
    _MEMBER.c.left_at,
    _MEMBER.c.launch_role,
    _MEMBER.c.roster_role,
    _MEMBER.c.roster_roles,
)


def _changed(context_id: int, now: datetime) -> list[_Change]:
    """What the roster tells otherwise than it stands here. The rows are locked, so that no launch comes between."""
    differs = or_(
        _MEMBER.c.status != _STAGED.c.status,
        _MEMBER.c.roster_role.is_distinct_from(_ROLE),
        cast(_MEMBER.c.roster_roles, Text) != cast(_STAGED.c.roles, Text),
    )
    told = (_ROLE.label("role"), _STAGED.c.roles, _STAGED.c.status.label("to_status"))
    here = and_(_MEMBER.c.identity_id == _STAGED.c.identity_id, _MEMBER.c.context_id == context_id)
    rows = run(select(*_KEPT, *told).where(here, differs).with_for_update(of=_MEMBER))
    return [_Change.of(row, row.role, row.roles, row.to_status, now) for row in rows]


def _departed(context_id: int, now: datetime) -> list[_Change]:
    """Who is not in the roster. A teacher who never was stays: a manager teaches without being enrolled. So does a
    pupil who came in a moment ago."""
    listed = _MEMBER.c.identity_id.in_(select(_STAGED.c.identity_id))
    in_roster_once = or_(_MEMBER.c.roster_role.is_not(None), cast(_MEMBER.c.roster_roles, Text) != "[]")
    came_long_ago = and_(
        _MEMBER.c.status == "active",
        _MEMBER.c.launch_role == LEARNER,
        _MEMBER.c.launched_at < literal(now - ARRIVED_LATELY, UTCDateTime),
    )
    gone = (_MEMBER.c.context_id == context_id, ~listed, or_(in_roster_once, came_long_ago))
    rows = run(select(*_KEPT).where(*gone).with_for_update(of=_MEMBER))
    return [_Change.of(row, None, [], "inactive", now) for row in rows]


@dataclass(frozen=True)
class _Change:
    """What to write for one membership, and what it is called in the history."""

    identity_id: int
    values: dict[str, Any]
    kind: str | None
    old_role: str | None
    new_role: str | None

    @classmethod
    def of(cls, row: Row[Any], role: str | None, roles: list[str], status: str, now: datetime) -> _Change:
        was_active, is_active = row.status == "active", status == "active"
        left_at = None if is_active else now if was_active else row.left_at
        values = {"key": row.id, "role": role, "roles": roles, "to_status": status, "gone_at": left_at}
        kind, old_role = None, row.roster_role
        if was_active and not is_active:
            kind, old_role, role = LEFT, row.roster_role or row.launch_role, None
        elif is_active and not was_active:
            kind = RETURNED if row.left_at else JOINED
        elif is_active and row.roster_roles and row.roster_role != role:
            kind = ROLE_CHANGED
        return cls(row.identity_id, values, kind, old_role, role)


_UPDATE = (
    update(_MEMBER)
    .where(_MEMBER.c.id == bindparam("key"))
    .values(
        roster_role=bindparam("role"),
        roster_roles=bindparam("roles"),
        status=bindparam("to_status"),
        left_at=bindparam("gone_at"),
    )
)


def _write(changes: list[_Change], context_id: int, now: datetime) -> None:
    if changes:
        run(_UPDATE, [change.values for change in changes])
    events = [
        {
            "context_id": context_id,
            "identity_id": change.identity_id,
            "kind": change.kind,
            "source": BY_ROSTER,
            "at": now,
            "old_role": change.old_role,
            "new_role": change.new_role,
        }
        for change in changes
        if change.kind is not None
    ]
    if events:
        run(insert(_EVENT), events)


def is_settled(context_id: int, synced_at: datetime) -> bool:
    """Does the roster stored at `synced_at` still say all there is to say of this context?

    Not when someone came in since who had left, or is here whom it does not name: then it has to be compared again.
    """
    came = exists().where(
        _EVENT.c.context_id == context_id,
        _EVENT.c.at > literal(synced_at - OVERLAP, UTCDateTime),
        _EVENT.c.source == BY_LAUNCH,
        _EVENT.c.kind.in_((JOINED, RETURNED)),
    )
    unlisted = exists().where(
        _MEMBER.c.context_id == context_id,
        _MEMBER.c.status == "active",
        _MEMBER.c.launch_role == LEARNER,
        _MEMBER.c.roster_role.is_(None),
    )
    return not run(select(or_(came, unlisted))).scalar_one()
