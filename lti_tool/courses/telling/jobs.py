"""Telling pupils what has opened and what is due soon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, Subquery, and_, or_, select
from sqlalchemy.orm import aliased

from lti_tool.core import jobs
from lti_tool.core.db import db, insert_if_absent, utcnow
from lti_tool.courses.assignments.models import Extension
from lti_tool.courses.availability import OPEN, OVER, availability, published
from lti_tool.courses.models import PUBLISHED, Activity, CourseUnit, Grade, SharedCourse
from lti_tool.courses.own_dates import OwnDates
from lti_tool.courses.progress.standings import counts, excused
from lti_tool.courses.pupils import pupil_places
from lti_tool.courses.telling.kinds import DUE_SOON
from lti_tool.courses.telling.kinds import OPENED as HAS_OPENED
from lti_tool.courses.telling.models import DUE, OPENED, ActivityTold
from lti_tool.people.models import Identity
from lti_tool.people.notices.models import Notice
from lti_tool.people.notices.operations import tell

FRESH = timedelta(days=1)
"""What opened longer ago is no news: nobody is flooded after a pause of the installation."""
SOON = timedelta(days=1)
"""So long before the due date pupils are told who have not done it."""


@jobs.every(timedelta(minutes=15))
def tell_of_activities() -> None:
    """Each thing once."""
    now = utcnow()
    _tell_opened(now)
    _tell_due(now)


def _tell_opened(now: datetime) -> None:
    fresh = now - FRESH
    told = select(ActivityTold.id).where(ActivityTold.activity_id == Activity.id, ActivityTold.what == OPENED)
    unit = aliased(CourseUnit)  # under its own name it would be taken for the one that published() asks
    moments = (Activity.created_at, Activity.available_from, unit.available_from)
    candidates = (
        select(Activity)
        .join(SharedCourse, SharedCourse.id == Activity.course_id)
        .outerjoin(unit, unit.id == Activity.unit_id)
        .where(published(), SharedCourse.state == PUBLISHED, or_(*(moment.between(fresh, now) for moment in moments)))
        .where(~told.exists())
        .order_by(Activity.id)
    )
    by_course: dict[int, list[Activity]] = defaultdict(list)
    for activity in db.session.scalars(candidates).unique():
        if availability(activity, (), now).state == OPEN and _first_time(activity.id, OPENED):
            by_course[activity.course_id].append(activity)
    for course_id, activities in by_course.items():
        first = activities[0]
        facts = {"course": course_id, "title": first.title, "title_of_course": first.course.title}
        tell(_pupils(pupil_places(course_id)), HAS_OPENED, f"course-{course_id}", facts, number=len(activities))


def _tell_due(now: datetime) -> None:
    """By the date that holds for each pupil; of more time a pupil is told once after it was given."""
    soon = (now, now + SOON)
    given = select(Extension.id).where(Extension.activity_id == Activity.id, Extension.due_at.between(*soon)).exists()
    general = Activity.due_at.between(*soon)
    statement = (
        select(Activity, general, given)
        .join(SharedCourse, SharedCourse.id == Activity.course_id)
        .where(counts(), SharedCourse.state == PUBLISHED, or_(general, given))
        .order_by(Activity.id)
    )
    for activity, for_all, for_some in db.session.execute(statement).unique():
        state = availability(activity, (), now).state
        told = f"{DUE} {activity.due_at:%Y-%m-%dT%H:%M}" if for_all else ""
        if told and state == OPEN and _first_time(activity.id, told):
            _tell_due_soon(activity, lambda dates: dates.given_at.is_(None))
        if for_some and state in (OPEN, OVER):
            _tell_due_soon(activity, partial(_untold, about=activity.resource_id, soon=soon))


def _tell_due_soon(activity: Activity, whom: Callable[[OwnDates], Any]) -> None:
    """Those pupils who have not done it; one statement."""
    places = pupil_places(activity.course_id)
    dates = OwnDates(places.c.identity_id, places.c.participation_id)
    graded = select(Grade.id).where(Grade.activity_id == activity.id, Grade.identity_id == Identity.id)
    everybody = _pupils(places).join(Activity, Activity.id == activity.id)
    todo = dates.on(everybody).where(dates.work.done_at.is_(None), ~graded.exists(), whom(dates))
    todo = todo.where(~excused(activity.id, Identity.id))
    facts = {"activity": activity.id, "title": activity.title, "title_of_course": activity.course.title}
    tell(todo, DUE_SOON, activity.resource_id, facts)


def _untold(dates: OwnDates, about: str, soon: tuple[datetime, datetime]) -> Any:
    """SQL: more time ends soon, and since it was given the pupil was told of no date."""
    told = select(Notice.id).where(
        Notice.identity_id == Identity.id, Notice.kind == DUE_SOON, Notice.about == about, Notice.at >= dates.given_at
    )
    return and_(dates.given_at.is_not(None), dates.due_at.between(*soon), ~told.exists())


def _pupils(places: Subquery) -> Select[Any]:
    return select(Identity.id).join(places, places.c.identity_id == Identity.id).where(places.c.active == 1)


def _first_time(activity_id: int, what: str) -> bool:
    return insert_if_absent(ActivityTold, {"activity_id": activity_id, "what": what, "at": utcnow()})
