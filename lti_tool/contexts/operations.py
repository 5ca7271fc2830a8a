"""Verbs about contexts: remember where a launch came from, ask for a roster, store a complete one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update

from lti_tool.contexts.models import LEARNER, TEACHER, Context, Membership, ResourceLink, RosterSync
from lti_tool.core.db import db, execute, insert_if_absent, run, utcnow
from lti_tool.lti.claims import Roles
from lti_tool.lti.messages import GradeService, Launch, ResourceLinkLaunch
from lti_tool.lti.services import Member
from lti_tool.people.operations import upsert_identities

TARGET_PARAMETER = "content"
"""Our custom parameter that says what a link opens."""
LAUNCHED_EVERY = timedelta(minutes=10)
"""Times of launches are not written more often than this."""
ROSTER_FRESH = timedelta(minutes=15)
"""A roster younger than this is not asked for again at a launch."""


@dataclass(frozen=True)
class LaunchPlace:
    """Where a launch happened, as ids."""

    context_id: int
    resource_link_id: int | None
    role: str | None
    """TEACHER, LEARNER, or None: least rights."""
    wants_roster: bool = False
    """The LMS offers the roster, and it is neither fresh nor asked for."""


def role_of(roles: Roles) -> str | None:
    """What a person may be in a context: who teaches is a teacher, whatever else they are. Assistants, mentors and
    pretended pupils get least rights."""
    if roles.teacher:
        return TEACHER
    return LEARNER if roles.learner else None


def effective_role(membership: Membership) -> str | None:
    """The launch decides; the roster speaks for those who never launched. (Moodle calls a non-editing teacher
    an instructor at the launch and a learner in the roster.)"""
    return membership.launch_role or membership.roster_role


def remember_launch(
    *, registration_id: int, deployment_pk: int, launch: Launch, identity_id: int, now: datetime | None = None
) -> LaunchPlace | None:
    """Context, link and membership of a launch, made or brought up to date; None when it has no context.

    One statement when nothing has changed.
    """
    if launch.context is None:
        return None
    now = now or utcnow()
    link_lms_id = launch.resource_link.id if isinstance(launch, ResourceLinkLaunch) else None
    found = _find(deployment_pk, launch.context.id, link_lms_id, identity_id)
    if found is None:
        insert_if_absent(
            Context,
            {
                "registration_id": registration_id,
                "deployment_pk": deployment_pk,
                "lms_id": launch.context.id,
                "created_at": now,
                "history": [],
                "ags_scopes": [],
            },
        )
        found = _find(deployment_pk, launch.context.id, link_lms_id, identity_id)
        assert found is not None
    context_id = found["id"]
    role = role_of(launch.roles)
    _update_context(found, launch, now)
    link_id = _remember_link(found, launch, context_id, now) if isinstance(launch, ResourceLinkLaunch) else None
    _remember_membership(found, context_id, identity_id, role, now)
    offered = launch.nrps is not None or found["memberships_url"] is not None
    return LaunchPlace(context_id, link_id, role, offered and _is_wanted(found["sync_state"], found["synced_at"], now))


_FOUND = (
    select(
        Context.id,
        Context.title,
        Context.label,
        Context.history,
        Context.memberships_url,
        Context.lineitems_url,
        Context.ags_scopes,
        Context.last_launch_at,
        ResourceLink.id.label("link_id"),
        ResourceLink.title.label("link_title"),
        ResourceLink.target.label("link_target"),
        Membership.id.label("membership_id"),
        Membership.launch_role,
        Membership.launched_at,
        Membership.roster_role,
        Membership.status,
        RosterSync.state.label("sync_state"),
        RosterSync.synced_at,
    )
    .outerjoin(RosterSync, RosterSync.context_id == Context.id)
    .outerjoin(
        ResourceLink, and_(ResourceLink.context_id == Context.id, ResourceLink.lms_id == bindparam("link_lms_id"))
    )
    .outerjoin(
        Membership, and_(Membership.context_id == Context.id, Membership.identity_id == bindparam("identity_id"))
    )
    .where(Context.deployment_pk == bindparam("deployment_pk"), Context.lms_id == bindparam("lms_id"))
)


def _find(deployment_pk: int, lms_id: str, link_lms_id: str | None, identity_id: int) -> dict[str, Any] | None:
    values = {"deployment_pk": deployment_pk, "lms_id": lms_id, "link_lms_id": link_lms_id, "identity_id": identity_id}
    row = run(_FOUND, values).mappings().first()
    return dict(row) if row is not None else None


def _update_context(found: dict[str, Any], launch: Launch, now: datetime) -> None:
    assert launch.context is not None
    ags = launch.ags or GradeService(None, None, frozenset())
    told: dict[str, Any] = {"title": launch.context.title, "label": launch.context.label}
    if launch.context.history:
        told["history"] = list(launch.context.history)
    if launch.nrps:
        told["memberships_url"] = launch.nrps
    if launch.ags is not None:
        told["lineitems_url"] = ags.lineitems
        told["ags_scopes"] = sorted(ags.scopes)
    changed = {name: value for name, value in told.items() if found[name] != value}
    if changed or _is_old(found["last_launch_at"], now):
        _change(Context, found["id"], last_launch_at=now, **changed)


def _remember_link(found: dict[str, Any], launch: ResourceLinkLaunch, context_id: int, now: datetime) -> int:
    told = {"title": launch.resource_link.title, "target": launch.custom.get(TARGET_PARAMETER, "")[:100]}
    if found["link_id"] is None:
        key = {"context_id": context_id, "lms_id": launch.resource_link.id}
        insert_if_absent(ResourceLink, {**key, **told, "created_at": now})
        link = select(ResourceLink.id).filter_by(**key)
        return int(db.session.execute(link).scalar_one())
    if (found["link_title"], found["link_target"]) != (told["title"], told["target"]):
        _change(ResourceLink, found["link_id"], **told)
    return int(found["link_id"])


def _remember_membership(
    found: dict[str, Any], context_id: int, identity_id: int, role: str | None, now: datetime
) -> None:
    if found["membership_id"] is None:
        values = {"context_id": context_id, "identity_id": identity_id, "launch_role": role, "launched_at": now}
        insert_if_absent(Membership, {**values, "roster_roles": [], "status": "active", "created_at": now})
        return
    returned = found["status"] != "active"
    if returned or found["launch_role"] != role or _is_old(found["launched_at"], now):
        _change(Membership, found["membership_id"], launch_role=role, launched_at=now, status="active", left_at=None)


def _is_old(moment: datetime | None, now: datetime) -> bool:
    return moment is None or now - moment > LAUNCHED_EVERY


def _change(model: Any, row_id: int, **values: Any) -> None:
    statement = update(model).where(model.id == row_id).values(**values)
    execute(statement.execution_options(synchronize_session=False))


_SYNC = (
    select(Context.memberships_url, RosterSync.id, RosterSync.state, RosterSync.synced_at, RosterSync.due_at)
    .outerjoin(RosterSync, RosterSync.context_id == Context.id)
    .where(Context.id == bindparam("context_id"))
)


def request_roster(context_id: int, *, force: bool = False) -> int | None:
    """Have the roster read soon, unless it is fresh or being read; returns the id of the RosterSync to nudge.

    None when the LMS offers no roster or nothing is to be done.
    """
    now = utcnow()
    url, sync_id, state, synced_at, due_at = run(_SYNC, {"context_id": context_id}).one()
    if url is None:
        return None
    if sync_id is None:
        insert_if_absent(
            RosterSync, {"context_id": context_id, "state": "waiting", "due_at": now, "attempts": 0, "members": 0}
        )
        return db.session.scalar(select(RosterSync.id).where(RosterSync.context_id == context_id))
    if state == "sending" or not (force or _is_wanted(state, synced_at, now)):
        return None
    if state != "waiting" or due_at > now:
        _change(RosterSync, sync_id, state="waiting", due_at=now, attempts=0)
    return int(sync_id)


def _is_wanted(state: str | None, synced_at: datetime | None, now: datetime) -> bool:
    """What waits was asked for already, or failed a moment ago: its time comes. What is fresh needs nobody."""
    return state not in ("waiting", "sending") and (synced_at is None or now - synced_at >= ROSTER_FRESH)


def store_roster(*, context_id: int, registration_id: int, members: Iterable[Member]) -> int:
    """Make the memberships of a context agree with a complete roster; returns how many are active.

    Who is missing is suspended, never deleted. An unchanged roster writes no row.
    """
    people = {member.user_id: member for member in members if member.user_id}
    idents = upsert_identities(registration_id, people)
    wanted = {idents[sub]: _from_roster(member) for sub, member in people.items()}
    known = _memberships(context_id)
    now = utcnow()
    new = [
        {"context_id": context_id, "identity_id": ident, "created_at": now, **values}
        for ident, values in wanted.items()
        if ident not in known
    ]
    if new:
        db.session.execute(insert(Membership), new)
    changed = [
        change for ident, row in known.items() if (change := _change_of(row, wanted.get(ident), now)) is not None
    ]
    if changed:
        db.session.execute(update(Membership), changed)
    return sum(values["status"] == "active" for values in wanted.values())


def _from_roster(member: Member) -> dict[str, Any]:
    return {
        "roster_role": role_of(member.roles),
        "roster_roles": list(member.roles.strings),
        "status": "active" if member.status == "Active" else "inactive",
        "left_at": None,
    }


def _memberships(context_id: int) -> dict[int, dict[str, Any]]:
    columns = (Membership.id, Membership.identity_id, Membership.roster_role, Membership.roster_roles)
    launched = (Membership.launch_role, Membership.launched_at)
    statement = select(*columns, *launched, Membership.status, Membership.left_at)
    rows = db.session.execute(statement.where(Membership.context_id == context_id)).mappings()
    return {row["identity_id"]: dict(row) for row in rows}


def _change_of(row: dict[str, Any], wanted: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    """What to write for one membership; None when nothing changes.

    A teacher who never was in a roster stays: a manager teaches without being enrolled. So does who came a moment ago.
    """
    if wanted is None:
        in_roster_once = row["roster_roles"] or row["roster_role"] is not None
        arrived_lately = row["launched_at"] is not None and now - row["launched_at"] < 2 * LAUNCHED_EVERY
        if not in_roster_once and (row["launch_role"] != LEARNER or arrived_lately):
            return None
        wanted = {"roster_role": None, "roster_roles": [], "status": "inactive", "left_at": now}
    elif wanted["status"] == "inactive":
        wanted = {**wanted, "left_at": row["left_at"] or now}
    same = all(row[name] == value for name, value in wanted.items())
    return None if same else {"id": row["id"], **wanted}
