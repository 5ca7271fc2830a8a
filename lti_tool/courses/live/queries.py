"""Reads about a live session: who was there, and what the clock says at each school."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Subquery, and_, func, select

from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.models import ACTIVE, Activity, Participation, Submission
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.organizations.models import Organization
from lti_tool.platforms.models import Registration

PUPILS_PER_PAGE = 50


@dataclass(frozen=True)
class Seen:
    """A pupil, and when they checked in or were noted."""

    pupil: Pupil
    here_at: datetime | None


def places_for(access: ActivityAccess) -> Subquery:
    """The pupils whom this teacher answers for: all for the host, else the own classes'."""
    own = None if access.hosts else [participation.id for participation in access.teaching]
    return pupil_places(access.course.id, own)


def _attendance(access: ActivityAccess) -> Select[Any]:
    """Identity, Participation, active, done_at of those pupils."""
    places = places_for(access)
    noted = and_(Submission.activity_id == access.the_activity.id, Submission.identity_id == places.c.identity_id)
    return select_pupils(places).add_columns(Submission.done_at).outerjoin(Submission, noted)


@dataclass(frozen=True)
class AttendancePage:
    """A page of those pupils."""

    rows: Sequence[Seen]
    here: int
    everybody: int
    page: int
    pages: int


def attendance_page(access: ActivityAccess, number: int) -> AttendancePage:
    """The page with this number, or the nearest one."""
    here, everybody = count_here(access)
    pages = max(1, -(-everybody // PUPILS_PER_PAGE))
    number = min(max(number, 1), pages)
    statement = _attendance(access).limit(PUPILS_PER_PAGE).offset((number - 1) * PUPILS_PER_PAGE)
    rows = [Seen(Pupil(row[0], row[1], bool(row[2])), row[3]) for row in db.session.execute(statement)]
    return AttendancePage(rows, here, everybody, number, pages)


def count_here(access: ActivityAccess) -> tuple[int, int]:
    """(who was there, all pupils), of those pupils."""
    statement = _attendance(access).order_by(None).with_only_columns(func.count(Submission.done_at), func.count())
    here, everybody = db.session.execute(statement).one()
    return here, everybody


def length_of(activity_ids: Collection[int]) -> dict[int, timedelta]:
    """How long each of these live sessions lasts; other activities are left out."""
    statement = select(LiveSession.activity_id, LiveSession.minutes).where(LiveSession.activity_id.in_(activity_ids))
    return {row[0]: timedelta(minutes=row[1]) for row in db.session.execute(statement)}


def clocks(activity: Activity) -> list[tuple[datetime, list[str]]]:
    """The beginning on each school's own clock, with the schools that share it; the earliest hour first."""
    if activity.due_at is None:
        return []
    partners = (
        select(Registration.organization_id)
        .join(Context, Context.registration_id == Registration.id)
        .join(Participation, Participation.context_id == Context.id)
        .where(Participation.course_id == activity.course_id, Participation.state == ACTIVE)
    )
    wanted = Organization.id.in_(partners) | (Organization.id == activity.course.organization_id)
    statement = select(Organization.name, Organization.time_zone).where(wanted).order_by(Organization.name)
    found: dict[datetime, list[str]] = {}
    for name, zone in db.session.execute(statement):
        found.setdefault(activity.due_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), []).append(name)
    return sorted(found.items())
