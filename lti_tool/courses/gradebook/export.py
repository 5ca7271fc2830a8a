"""The grades as lines of a table: points, and beside them what stands in the school's gradebook where a scale is agreed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.gradebook.files import Value
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import Activity, Grade, Participation, ScaleTreaty, SharedCourse
from lti_tool.courses.queries.gradebook import Named, Wanted, graded_activities, pupils_of
from lti_tool.courses.wording import scale_value

Key = tuple[int, int]
"""(activity id, identity id)"""


def table_of_grades(
    course: SharedCourse, participations: Collection[Participation] | None, wanted: Wanted, named: Named
) -> Iterator[Sequence[Value]]:
    """A heading and a line for each pupil that the filter shows; five statements, whatever the size."""
    activities = [one for one in graded_activities(course) if wanted.unit in (None, one.unit_id)]
    pupils = pupils_of(course, participations, wanted, named)
    grades, converted = _grades([one.id for one in activities])
    excused = _excused([one.id for one in activities])
    return _table(activities, [(one, named(one)) for one in pupils], grades, converted, excused)


def _table(
    activities: Sequence[Activity],
    pupils: Sequence[Any],
    grades: dict[Key, tuple[float, str]],
    converted: set[int],
    excused: set[Key],
) -> Iterator[Sequence[Value]]:
    heading: list[Value] = [_("School"), _("Class"), _("Pupil")]
    for activity in activities:
        heading.append(f"{activity.title} ({_('of %(points)s', points=f'{activity.points:g}')})")
        if activity.id in converted:
            heading.append(f"{activity.title} ({_('in the gradebook')})")
    yield heading
    for pupil, name in pupils:
        line: list[Value] = [pupil.school_name, pupil.participation.context.title, name]
        for activity in activities:
            key = (activity.id, pupil.identity.id)
            points, value = grades.get(key, (None, ""))
            line.append(_("excused") if points is None and key in excused else points)
            if activity.id in converted:
                line.append(value)
        yield line


def _grades(activity_ids: Sequence[int]) -> tuple[dict[Key, tuple[float, str]], set[int]]:
    """(points, value in the school's scale in words) by cell, and the activities that have such values."""
    statement = (
        select(
            Grade.activity_id, Grade.identity_id, Grade.points, Grade.home_value, Grade.home_maximum, ScaleTreaty.kind
        )
        .outerjoin(ScaleTreaty, ScaleTreaty.id == Grade.treaty_id)
        .where(Grade.activity_id.in_(activity_ids))
    )
    found: dict[Key, tuple[float, str]] = {}
    converted: set[int] = set()
    for activity_id, identity_id, points, value, maximum, kind in db.session.execute(statement):
        told = ""
        if kind is not None and value is not None:
            told = scale_value(kind, value, maximum)
            converted.add(activity_id)
        found[activity_id, identity_id] = (points, told)
    return found, converted


def _excused(activity_ids: Sequence[int]) -> set[Key]:
    statement = select(Excuse.activity_id, Excuse.identity_id).where(Excuse.activity_id.in_(activity_ids))
    return {(row[0], row[1]) for row in db.session.execute(statement)}
