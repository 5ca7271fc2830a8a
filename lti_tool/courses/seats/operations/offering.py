"""What the host says of a course in the catalogue, and how many pupils it takes from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import delete, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.versions import change
from lti_tool.courses.models import SharedCourse
from lti_tool.courses.seats.models import Offering, Quota
from lti_tool.courses.seats.operations.requests import MAX_SEATS
from lti_tool.courses.seats.operations.settling import hold_host, settle
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class Described:
    """What a teacher types about a course for the catalogue."""

    listed: bool
    subject: str
    grade_from: int | None
    grade_to: int | None
    hours: int | None
    starts_on: date | None
    ends_on: date | None
    asked: str


@dataclass(frozen=True)
class SeatRules:
    """How many pupils come from where, until when, and who accepts."""

    limited: bool
    reserve: int
    accept_automatically: bool
    add_until: date | None
    drop_until: date | None


def describe_course(*, actor: Actor, course: SharedCourse, seen: int, text: Described) -> None:
    """Raises Outdated when it was changed since version `seen`."""
    if change(_offering(course), seen, **asdict(text)):
        audit.record(actor, "describe", "course", course.id, listed=text.listed)


def set_seat_rules(
    *, actor: Actor, course: SharedCourse, seen: int, rules: SeatRules, quotas: Mapping[int, int]
) -> None:
    """Limit the course, or lift the limits; who has a place keeps it whatever the new numbers are.

    When the rules begin, everybody in a class now has a place. Raises Outdated, Invalid.
    """
    if not all(0 <= seats <= MAX_SEATS for seats in (rules.reserve, *quotas.values())):
        raise Invalid({"reserve": _("Write numbers from 0 to %(limit)d.", limit=MAX_SEATS)})
    hold_host(course)
    offering = _offering(course)
    begins = rules.limited and not offering.limited
    changed = change(offering, seen, **asdict(rules))
    if _set_quotas(course, quotas) or changed:
        facts = {"limited": rules.limited, "reserve": rules.reserve, "quotas": sum(quotas.values())}
        audit.record(actor, "seat_rules", "course", course.id, **facts)
    db.session.flush()
    settle(course.id, everybody=begins)


def offering_of(course_id: int) -> Offering | None:
    """What the course says of itself; None when nothing was said yet."""
    return db.session.scalar(select(Offering).where(Offering.course_id == course_id))


def _offering(course: SharedCourse) -> Offering:
    """Made at the first saving, as version 0: what a form says that was opened before there was anything."""
    nothing = {"listed": False, "subject": "other", "asked": "", "limited": False, "reserve": 0, "version": 0}
    values = {"course_id": course.id, "accept_automatically": False, "created_at": utcnow(), **nothing}
    insert_if_absent(Offering, values)
    return db.session.scalars(select(Offering).where(Offering.course_id == course.id)).one()


def _set_quotas(course: SharedCourse, quotas: Mapping[int, int]) -> bool:
    rows = select(Quota.organization_id, Quota.seats).where(Quota.course_id == course.id)
    before = dict(db.session.execute(rows).tuples().all())
    wanted = {organization_id: seats for organization_id, seats in quotas.items() if seats}
    if before == wanted:
        return False
    gone = delete(Quota).where(Quota.course_id == course.id)
    execute(gone.execution_options(synchronize_session=False))
    db.session.add_all(Quota(course_id=course.id, organization_id=one, seats=seats) for one, seats in wanted.items())
    return True
