"""The grades as lines of a table: points, and beside them what stands in the school's gradebook where a scale is agreed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.forms import show_points
from lti_tool.courses.gradebook.files import Value
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import Activity, Grade, Participation, ScaleTreaty, SharedCourse
from lti_tool.courses.queries.gradebook import graded_activities, pupils_of
from lti_tool.courses.queries.narrowing import Named, Sight, Wanted
from lti_tool.courses.wording import scale_value

Key = tuple[int, int]
"""(activity id, identity id)"""


def table_of_grades(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    wanted: Wanted,
    named: Named,
    sight: Sight,
) -> Iterator[Sequence[Value]]:
    """A heading and a line for each pupil that the filter shows; six statements, whatever the size.

    Columns that are graded without names are there and empty: neither points nor numbers of works stand beside a name.
    """
    activities = [one for one in graded_activities(course) if wanted.unit in (None, one.unit_id)]
    told = [one.id for one in activities if one.id not in sight.nameless]
    pupils = pupils_of(course, participations, wanted, named, sight)
    grades, converted = _grades(told)
    words: dict[Key, Value] = dict.fromkeys(_excused(told), _("excused"))
    words |= {key: points for key, (points, _value) in grades.items()}
    if sight.marks:
        words |= {key: _("%(points)s, kept back", points=show_points(points)) for key, points in _held(told)}
    return _table(activities, [(one, named(one)) for one in pupils], words, grades, converted=converted, sight=sight)


def _table(
    activities: Sequence[Activity],
    pupils: Sequence[Any],
    words: dict[Key, Value],
    grades: dict[Key, tuple[float, str]],
    *,
    converted: set[int],
    sight: Sight,
) -> Iterator[Sequence[Value]]:
    heading: list[Value] = [_("School"), _("Class"), _("Pupil")]
    for activity in activities:
        of = _("of %(points)s", points=f"{activity.points:g}")
        of = f"{of}, {_('graded without names')}" if activity.id in sight.nameless else of
        heading.append(f"{activity.title} ({of})")
        if activity.id in converted:
            heading.append(f"{activity.title} ({_('in the gradebook')})")
    yield heading
    for pupil, name in pupils:
        line: list[Value] = [pupil.school_name, pupil.participation.context.title, name]
        for activity in activities:
            key = (activity.id, pupil.identity.id)
            line.append(words.get(key))
            if activity.id in converted:
                line.append(grades[key][1] if key in grades else "")
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


def _held(activity_ids: Sequence[int]) -> Iterator[tuple[Key, float]]:
    statement = select(Mark.activity_id, Mark.identity_id, Mark.points - Mark.deduction).where(
        Mark.activity_id.in_(activity_ids), Mark.released_at.is_(None)
    )
    for activity_id, identity_id, points in db.session.execute(statement):
        yield (activity_id, identity_id), round(points, 2)


def _excused(activity_ids: Sequence[int]) -> set[Key]:
    statement = select(Excuse.activity_id, Excuse.identity_id).where(Excuse.activity_id.in_(activity_ids))
    return {(row[0], row[1]) for row in db.session.execute(statement)}
