"""Telling pupils what has opened and what is due soon."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from lti_tool.core import jobs
from lti_tool.core.db import db, insert_if_absent, utcnow
from lti_tool.courses.availability import OPEN, availability, published
from lti_tool.courses.models import PUBLISHED, Activity, CourseUnit, Grade, SharedCourse, Submission
from lti_tool.courses.progress.standings import counts, excused
from lti_tool.courses.pupils import pupil_places
from lti_tool.courses.telling.kinds import DUE_SOON
from lti_tool.courses.telling.kinds import OPENED as HAS_OPENED
from lti_tool.courses.telling.models import DUE, OPENED, ActivityTold
from lti_tool.people.models import Identity
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
        tell(_pupils(course_id), HAS_OPENED, f"course-{course_id}", facts, number=len(activities))


def _tell_due(now: datetime) -> None:
    statement = (
        select(Activity)
        .join(SharedCourse, SharedCourse.id == Activity.course_id)
        .where(counts(), SharedCourse.state == PUBLISHED, Activity.due_at.between(now, now + SOON))
        .order_by(Activity.id)
    )
    for activity in db.session.scalars(statement).unique():
        assert activity.due_at is not None
        told = f"{DUE} {activity.due_at:%Y-%m-%dT%H:%M}"
        if availability(activity, (), now).state == OPEN and _first_time(activity.id, told):
            facts = {"activity": activity.id, "title": activity.title, "title_of_course": activity.course.title}
            todo = _pupils(activity.course_id).where(~_done(activity.id), ~excused(activity.id, Identity.id))
            tell(todo, DUE_SOON, activity.resource_id, facts)


def _pupils(course_id: int) -> Select[Any]:
    places = pupil_places(course_id)
    return select(Identity.id).join(places, places.c.identity_id == Identity.id).where(places.c.active == 1)


def _done(activity_id: int) -> Any:
    own = select(Submission.id).where(
        Submission.activity_id == activity_id, Submission.identity_id == Identity.id, Submission.done_at.is_not(None)
    )
    graded = select(Grade.id).where(Grade.activity_id == activity_id, Grade.identity_id == Identity.id)
    return or_(own.exists(), graded.exists())


def _first_time(activity_id: int, what: str) -> bool:
    return insert_if_absent(ActivityTold, {"activity_id": activity_id, "what": what, "at": utcnow()})
