"""The units and activities of a course, as they are arranged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.arrangement import Arrangement
from lti_tool.courses.availability import in_order
from lti_tool.courses.models import Activity, CourseUnit


def units_of(course_id: int) -> list[CourseUnit]:
    """The units in order."""
    statement = select(CourseUnit).where(CourseUnit.course_id == course_id, CourseUnit.deleted_at.is_(None))
    return list(db.session.scalars(statement.order_by(CourseUnit.position, CourseUnit.id)))


def activities_of(course_id: int) -> list[Activity]:
    """All activities in order, those pupils are not shown as well."""
    statement = select(Activity).where(Activity.course_id == course_id, Activity.deleted_at.is_(None))
    return list(db.session.scalars(statement.order_by(*in_order())))


def arrangement_of(course_id: int) -> Arrangement:
    """The order as it is stored. Two statements."""
    return arranged([unit.id for unit in units_of(course_id)], activities_of(course_id))


def arranged(unit_ids: Sequence[int], activities: Sequence[Activity]) -> Arrangement:
    """The order of units and activities that are at hand."""
    inside: dict[int | None, list[int]] = {None: [], **{unit_id: [] for unit_id in unit_ids}}
    for activity in activities:
        inside[activity.unit_id].append(activity.id)
    return Arrangement(tuple((unit, tuple(ids)) for unit, ids in inside.items()))


@dataclass(frozen=True)
class Outline:
    """What a form about an activity can choose from."""

    units: Sequence[CourseUnit]
    activities: Sequence[Activity]


def outline_of(course_id: int) -> Outline:
    """All units and activities in order. Two statements."""
    return Outline(units_of(course_id), activities_of(course_id))


def comes_before_something(activity: Activity) -> bool:
    """Does another activity wait for this one?"""
    statement = select(Activity.id).where(Activity.after_id == activity.id, Activity.deleted_at.is_(None)).limit(1)
    return db.session.scalar(statement) is not None
