"""Verbs of support access. Each takes the row it changes by one conditional UPDATE, so that two sides never cross."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.support.models import (
    ASKED,
    DURATIONS,
    ENDED,
    GRANTED,
    LONGEST_REASON,
    OPEN,
    REFUSED,
    WAITS,
    SupportAccess,
)
from lti_tool.people.support.queries import running_of


def ask_support(*, actor: Actor, organization: Organization, reason: str, minutes: int) -> SupportAccess:
    """Ask to see an organization's pages; opened at once unless it wants to be asked first. Raises Invalid, Conflict.

    Who has asked already gets what was asked then.
    """
    reason = reason.strip()
    faults: dict[str, Any] = {}
    if not reason or len(reason) > LONGEST_REASON:
        faults["reason"] = _("Write why, in at most %(limit)d characters.", limit=LONGEST_REASON)
    if minutes not in DURATIONS:
        faults["minutes"] = _("Choose one of the durations.")
    if faults:
        raise Invalid(faults)
    _lock(organization)
    if organization.archived_at is not None:
        raise Conflict(_("This organization is archived."), _("Nobody works there now, so there is nothing to see."))
    now = utcnow()
    running = running_of(organization.id, actor.person_id, now)
    if running is not None:
        return running
    state = ASKED if organization.support_needs_yes else OPEN
    access = SupportAccess(organization_id=organization.id, person_id=actor.person_id, reason=reason, minutes=minutes)
    access.state, access.changed_at, access.changed_by_id = state, now, actor.person_id
    if state == OPEN:
        access.opened_at, access.until = now, now + timedelta(minutes=minutes)
    db.session.add(access)
    db.session.flush()
    _record(actor, "support.ask" if state == ASKED else "support.open", access, minutes=minutes)
    return access


def decide_support(*, actor: Actor, access: SupportAccess, yes: bool) -> None:
    """The organization's answer. Raises Conflict when there is nothing to answer any more."""
    state = GRANTED if yes else REFUSED
    if access.state == state:
        return
    if not _move(actor, access, state, only_from=ASKED, changed_after=utcnow() - WAITS):
        raise Conflict(_("This request has been answered, taken back, or has waited too long."), _("Open the list."))
    _record(actor, "support.granted" if yes else "support.denied", access)


def start_support(*, actor: Actor, access: SupportAccess) -> None:
    """Begin what was allowed, or go on with what has begun. Raises Conflict when its time is over."""
    now = utcnow()
    if access.state_at(now) == OPEN:
        return
    times = {"opened_at": now, "until": now + timedelta(minutes=access.minutes)}
    if not _move(actor, access, OPEN, only_from=GRANTED, changed_after=now - WAITS, **times):
        raise Conflict(_("This support access is over, or was not allowed."), _("Ask for a new one."))
    _record(actor, "support.open", access, minutes=access.minutes)


def end_support(*, actor: Actor, access: SupportAccess) -> None:
    """End it at once, or take a request back; ending twice is ending once."""
    if any(_move(actor, access, ENDED, only_from=state) for state in (OPEN, GRANTED, ASKED)):
        _record(actor, "support.end", access)


def choose_support(*, actor: Actor, organization: Organization, needs_yes: bool) -> None:
    """Let support in at once, or only after a coordinator's yes. What has begun goes on until it is ended."""
    _lock(organization)
    if organization.support_needs_yes != needs_yes:
        organization.support_needs_yes = needs_yes
        facts = {"needs_yes": needs_yes}
        audit.record(actor, "support.choose", "organization", organization.id, concerns=organization.id, **facts)


def note_page(*, actor: Actor, endpoint: str, arguments: dict[str, Any], refused: bool = False) -> None:
    """A line for each page opened in a support access, or for an act that was refused."""
    assert actor.support is not None
    verb = "support.refused" if refused else "support.page"
    named = {name: value for name, value in arguments.items() if isinstance(value, int)}
    audit.record(actor, verb, "support", actor.support.id, concerns=actor.supports, page=endpoint, **named)


def keep_stricter(source: int, target: int) -> None:
    """Two organizations become one: who wanted to be asked goes on being asked."""
    wanted = select(Organization.id).where(Organization.id == source, Organization.support_needs_yes)
    if db.session.scalar(wanted) is not None:
        execute(update(Organization).where(Organization.id == target).values(support_needs_yes=True))


def _lock(organization: Organization) -> None:
    db.session.refresh(organization, with_for_update=True)


def _move(
    actor: Actor,
    access: SupportAccess,
    state: str,
    *,
    only_from: str,
    changed_after: datetime | None = None,
    **times: datetime,
) -> bool:
    own = [SupportAccess.id == access.id, SupportAccess.state == only_from]
    if changed_after is not None:
        own.append(SupportAccess.changed_at > changed_after)
    values = {"state": state, "changed_at": utcnow(), "changed_by_id": actor.person_id, **times}
    statement = update(SupportAccess).where(*own).values(values).execution_options(synchronize_session=False)
    moved = execute(statement).rowcount == 1
    if moved:
        db.session.refresh(access)
    return moved


def _record(actor: Actor, verb: str, access: SupportAccess, **facts: Any) -> None:
    audit.record(actor, verb, "support", access.id, concerns=access.organization_id, **facts)
