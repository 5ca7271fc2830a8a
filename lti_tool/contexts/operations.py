"""Verbs about contexts: remember where a launch came from, and ask for a roster. See rosters.py for storing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update

from lti_tool.contexts.models import (
    BY_LAUNCH,
    JOINED,
    LEARNER,
    RETURNED,
    ROLE_CHANGED,
    TEACHER,
    Context,
    Membership,
    MembershipEvent,
    ResourceLink,
    RosterSync,
)
from lti_tool.contexts.watching import tell
from lti_tool.core.db import db, execute, insert_if_absent, run, table_of, utcnow
from lti_tool.lti.claims import Roles
from lti_tool.lti.messages import GradeService, Launch, ResourceLinkLaunch, home_groups

TARGET_PARAMETER = "content"
"""Our custom parameter that says what a link opens."""
LAUNCHED_EVERY = timedelta(minutes=10)
"""Times of launches are not written more often than this."""
ROSTER_FRESH = timedelta(minutes=15)
"""A roster younger than this is not asked for again at a launch, nor is one that could not be read."""


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

    One statement when nothing has changed, and one more for each row that has.
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
    _remember_membership(found, Arriving(context_id, identity_id, role, home_groups(launch.custom), now))
    offered = launch.nrps is not None or found["memberships_url"] is not None
    wanted = _is_wanted(found["sync_state"], found["synced_at"], found["sync_due_at"], now)
    return LaunchPlace(context_id, link_id, role, offered and wanted)


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
        Membership.status,
        Membership.left_at,
        Membership.home_groups,
        RosterSync.state.label("sync_state"),
        RosterSync.synced_at,
        RosterSync.due_at.label("sync_due_at"),
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


@dataclass(frozen=True)
class Arriving:
    """What a launch tells of one membership."""

    context_id: int
    identity_id: int
    role: str | None
    groups: tuple[str, ...] | None
    """None: the platform does not tell."""
    now: datetime


def _remember_membership(found: dict[str, Any], arriving: Arriving) -> None:
    if found["membership_id"] is None and _join(arriving):
        return
    if found["membership_id"] is None or not _update_membership(found, arriving):
        # another transaction made or changed it since we looked: once more upon what stands there now
        row = run(_MEMBERSHIP, {"context_id": arriving.context_id, "identity_id": arriving.identity_id})
        _update_membership(dict(row.mappings().one()), arriving)


_MEMBERSHIP = select(
    Membership.id.label("membership_id"),
    Membership.launch_role,
    Membership.launched_at,
    Membership.status,
    Membership.left_at,
    Membership.home_groups,
).where(Membership.context_id == bindparam("context_id"), Membership.identity_id == bindparam("identity_id"))


def _join(arriving: Arriving) -> bool:
    values = {
        "context_id": arriving.context_id,
        "identity_id": arriving.identity_id,
        "launch_role": arriving.role,
        "launched_at": arriving.now,
        "roster_roles": [],
        "home_groups": list(arriving.groups or ()),
        "status": "active",
        "created_at": arriving.now,
    }
    added = insert_if_absent(Membership, values)
    if added:
        _record(arriving, JOINED)
    return added


def _update_membership(found: dict[str, Any], arriving: Arriving) -> bool:
    """Write what the launch changes; False when the row is no longer as it was found, and nothing was written."""
    told: dict[str, Any] = {"launch_role": arriving.role, "status": "active", "left_at": None}
    if arriving.groups is not None:
        told["home_groups"] = list(arriving.groups)
    changed = {name: value for name, value in told.items() if found[name] != value}
    if not changed and not _is_old(found["launched_at"], arriving.now):
        return True
    statement = update(Membership).where(
        Membership.id == found["membership_id"],
        Membership.status == found["status"],
        Membership.launch_role.is_not_distinct_from(found["launch_role"]),
    )
    values = statement.values(launched_at=arriving.now, **changed)
    if execute(values.execution_options(synchronize_session=False)).rowcount != 1:
        return False
    if "status" in changed:
        _record(arriving, RETURNED if found["left_at"] else JOINED, found["launch_role"])
    elif "launch_role" in changed and found["launched_at"] is not None:
        _record(arriving, ROLE_CHANGED, found["launch_role"])
    return True


def _record(arriving: Arriving, kind: str, old_role: str | None = None) -> None:
    values = {
        "context_id": arriving.context_id,
        "identity_id": arriving.identity_id,
        "kind": kind,
        "source": BY_LAUNCH,
        "at": arriving.now,
        "old_role": old_role,
        "new_role": arriving.role,
    }
    run(_EVENT, values)
    tell(arriving.context_id)


_EVENT = insert(table_of(MembershipEvent)).inline()


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
    if state == "sending" or not (force or _is_wanted(state, synced_at, due_at, now)):
        return None
    if state != "waiting" or due_at > now:
        _change(RosterSync, sync_id, state="waiting", due_at=now, attempts=0)
    return int(sync_id)


def _is_wanted(state: str | None, synced_at: datetime | None, due_at: datetime | None, now: datetime) -> bool:
    """What waits was asked for already; what is fresh needs nobody; what failed a moment ago would fail again."""
    if state in ("waiting", "sending"):
        return False
    tried_at = max((moment for moment in (synced_at, due_at) if moment is not None), default=None)
    return tried_at is None or now - tried_at >= ROSTER_FRESH


def forget_digests(registration_id: int) -> None:
    """Have every roster of a registration stored anew at its next reading, even when the LMS answers as before: another
    part of it is kept now."""
    contexts = select(Context.id).where(Context.registration_id == registration_id)
    stale = update(RosterSync).where(RosterSync.context_id.in_(contexts), RosterSync.digest.is_not(None))
    execute(stale.values(digest=None).execution_options(synchronize_session=False))


def read_rosters_again(registration_id: int) -> None:
    """The LMS answers somewhere else now: rosters that failed or wait for another attempt are due at once."""
    contexts = select(Context.id).where(Context.registration_id == registration_id)
    troubled = RosterSync.state.in_(("failed", "waiting"))
    due = update(RosterSync).where(RosterSync.context_id.in_(contexts), troubled)
    now = due.values(state="waiting", due_at=utcnow(), attempts=0)
    execute(now.execution_options(synchronize_session=False))
