"""Reads about support accesses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, utcnow
from lti_tool.people.models import Person
from lti_tool.people.support.models import ASKED, ENDED, GRANTED, OPEN, WAITS, SupportAccess

SHOWN_AFTER = timedelta(days=14)
"""How long a school's home tells of an access that is over."""


def _running(now: datetime) -> ColumnElement[bool]:
    waits = and_(SupportAccess.state.in_((ASKED, GRANTED)), SupportAccess.changed_at > now - WAITS)
    return or_(waits, and_(SupportAccess.state == OPEN, SupportAccess.until > now))


def running_of(organization_id: int, person_id: int, now: datetime) -> SupportAccess | None:
    """What an operator has asked for and may still use, in one organization."""
    own = (SupportAccess.organization_id == organization_id, SupportAccess.person_id == person_id)
    newest = select(SupportAccess).where(*own, _running(now)).order_by(SupportAccess.id.desc()).limit(1)
    return db.session.scalar(newest)


def lately(organization_id: int) -> Sequence[SupportAccess]:
    """What a school's home tells: accesses that wait or go on, and those of the last two weeks; one statement."""
    now = utcnow()
    past = and_(SupportAccess.state.in_((OPEN, ENDED)), SupportAccess.opened_at > now - SHOWN_AFTER)
    statement = select(SupportAccess).where(SupportAccess.organization_id == organization_id)
    return db.session.scalars(
        statement.where(or_(_running(now), past)).order_by(SupportAccess.id.desc()).limit(5)
    ).all()


def accesses(organization_id: int | None = None) -> Select[tuple[SupportAccess]]:
    """Accesses of one organization, or of all; the newest first."""
    statement = select(SupportAccess).order_by(SupportAccess.id.desc())
    return statement if organization_id is None else statement.where(SupportAccess.organization_id == organization_id)


def lines_of(access_id: int) -> Select[tuple[AuditEvent]]:
    """The trail of one access, from its beginning."""
    of_it = (AuditEvent.thing == "support", AuditEvent.thing_id == access_id)
    return select(AuditEvent).where(*of_it).order_by(AuditEvent.id)


def operators_of(events: Iterable[AuditEvent]) -> dict[int, str]:
    """Names of the operators in lines about support, which their schools may know; no statement without such lines."""
    persons = {each.person_id for each in events if each.thing == "support" and each.organization_id is None}
    if not persons:
        return {}
    named = select(Person.id, Person.operator_name).where(Person.id.in_(persons), Person.operator_name.is_not(None))
    return {ident: name or "" for ident, name in db.session.execute(named)}
