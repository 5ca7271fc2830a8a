"""Content once more: an activity, a unit, or a whole course for a new year; never anything of pupils."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from lti_tool.core import audit
from lti_tool.core.db import db
from lti_tool.courses.arrangement import Arrangement
from lti_tool.courses.certificates.operations import copy_rules
from lti_tool.courses.kinds import copy_content, shift_dates
from lti_tool.courses.models import Activity, CourseTeacher, CourseUnit, SharedCourse
from lti_tool.courses.operations.arranging import hold, write_order
from lti_tool.courses.operations.attaching import share_files
from lti_tool.courses.operations.teaching import new_code
from lti_tool.courses.queries.outline import Outline, arrangement_of, outline_of
from lti_tool.people.actor import Actor

T = TypeVar("T", CourseUnit, Activity, SharedCourse)
UNIT_COPIED = ("title", "summary", "position", "published", "available_from")
ACTIVITY_COPIED = (
    *("kind", "title", "body", "position", "published", "points", "due_at"),
    *("available_from", "available_until", "asks_done"),
)
COURSE_COPIED = ("organization_id", "title", "description", "language", "visibility")
DATES = ("available_from", "available_until", "due_at")


def copy_activity(*, actor: Actor, activity: Activity) -> Activity:
    """The same once more, right after it; pupils do not see it before it is published."""
    course = activity.course
    hold(course)
    order = arrangement_of(course.id)
    (made,) = _copy_activities([activity], course, {activity.unit_id: activity.unit_id}).values()
    made.title, made.published, made.after_id = _copied_title(activity.title), False, activity.after_id
    db.session.flush()
    units = tuple(
        (unit, tuple(_with_copy(inside, activity.id, made.id)) if unit == activity.unit_id else inside)
        for unit, inside in order.units
    )
    write_order(Arrangement(units))
    audit.record(actor, "copy_activity", "course", course.id, activity=activity.id, copy=made.id)
    return made


def copy_unit(*, actor: Actor, course: SharedCourse, unit: CourseUnit) -> CourseUnit:
    """A unit with all that is in it once more, right after it; pupils do not see it before it is published."""
    hold(course)
    order = arrangement_of(course.id)
    outline = outline_of(course.id)
    made = _copy(unit, UNIT_COPIED, CourseUnit(course_id=course.id))
    made.title, made.published = _copied_title(unit.title), False
    db.session.add(made)
    db.session.flush()
    inside = [each for each in outline.activities if each.unit_id == unit.id]
    copies = _copy_activities(inside, course, {unit.id: made.id})
    for each in inside:  # what comes after something outside goes on doing so
        if each.after_id is not None and each.after_id not in copies:
            copies[each.id].after_id = each.after_id
    db.session.flush()
    ids = [ident for ident, _inside in order.units if ident is not None]
    contents = {**dict(order.units), made.id: tuple(copies[each.id].id for each in inside)}
    units = [None, *_with_copy(ids, unit.id, made.id)]
    write_order(Arrangement(tuple((ident, contents[ident]) for ident in units)))
    audit.record(actor, "copy_unit", "course", course.id, unit=unit.id, copy=made.id)
    return made


@dataclass(frozen=True)
class NextYear:
    """What changes when a course is made once more."""

    title: str
    starts: date | None = None
    """The first day the old course names moves to this one, and all others with it; None: dates are left out."""


def roll_over(*, actor: Actor, course: SharedCourse, wanted: NextYear) -> SharedCourse:
    """The content of a course, and what it asks for a certificate, as a new draft of the same host: no people, no work, a
    join code of its own."""
    outline = outline_of(course.id)
    made = _copy(course, COURSE_COPIED, SharedCourse(origin_id=course.id, join_code=new_code()))
    made.title = wanted.title
    db.session.add(made)
    db.session.flush()
    assert actor.identity_id is not None
    db.session.add(CourseTeacher(course_id=made.id, identity_id=actor.identity_id))
    zone = ZoneInfo(course.organization.time_zone)
    first = first_day(course, outline)
    days = (wanted.starts - first).days if wanted.starts and first else None
    units: dict[int | None, int | None] = {None: None}
    for unit in outline.units:
        copied = _move_dates(_copy(unit, UNIT_COPIED, CourseUnit(course_id=made.id)), days, zone)
        db.session.add(copied)
        db.session.flush()
        units[unit.id] = copied.id
    copies = _copy_activities(outline.activities, made, units)
    for source_id, copied_activity in copies.items():
        copied_activity.origin_id = source_id
        _move_dates(copied_activity, days, zone)
        shift_dates(copied_activity, days)
    copy_rules(course, made, {old: copy.id for old, copy in copies.items()})
    audit.record(actor, "copy_course", "course", made.id, origin=course.id)
    return made


def first_day(course: SharedCourse, outline: Outline) -> date | None:
    """The earliest day a course names, where its host is; None when it names none."""
    zone = ZoneInfo(course.organization.time_zone)
    moments = [getattr(row, name, None) for row in (*outline.units, *outline.activities) for name in DATES]
    return min((moment.astimezone(zone).date() for moment in moments if moment is not None), default=None)


def _copy_activities(
    activities: Iterable[Activity], course: SharedCourse, units: Mapping[int | None, int | None]
) -> dict[int, Activity]:
    """A copy of each by the old one's id, in the unit that stands for the old one's, waiting for each other as before."""
    sources = list(activities)
    copies: dict[int, Activity] = {}
    for source in sources:
        made = _copy(source, ACTIVITY_COPIED, Activity(course_id=course.id, unit_id=units[source.unit_id]))
        made.course = course
        copies[source.id] = made
    db.session.add_all(copies.values())
    db.session.flush()
    share_files({source.id: copies[source.id].id for source in sources})
    for source in sources:
        copy_content(source, copies[source.id])
        before = copies.get(source.after_id or 0)
        copies[source.id].after_id = before.id if before is not None else None
    return copies


def _copy(source: T, names: Iterable[str], target: T) -> T:
    for name in names:
        setattr(target, name, getattr(source, name))
    return target


def _move_dates(row: T, days: int | None, zone: ZoneInfo) -> T:
    """So many days later at the same hour of the host's clocks; None: no dates at all."""
    for name in DATES:
        moment: datetime | None = getattr(row, name, None)
        if moment is not None:
            moved = moment.astimezone(zone) + timedelta(days=days or 0)
            setattr(row, name, None if days is None else moved.astimezone(UTC))
    return row


def _with_copy(ids: Iterable[int], source: int, made: int) -> list[int]:
    return [each for ident in ids for each in ((ident, made) if ident == source else (ident,))]


def _copied_title(title: str) -> str:
    return str(_("%(title)s (copy)", title=title[:180]))
