"""Reads about scales: the one in force, what is proposed, and what a scale would make of grades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, func, or_, select

from lti_tool.core.db import db
from lti_tool.courses.access import Access
from lti_tool.courses.models import (
    ACTIVE,
    AGREED,
    PROPOSED,
    Activity,
    Grade,
    Participation,
    ScaleTreaty,
)
from lti_tool.grades.queries import kept_columns
from lti_tool.grades.scales import Scale

HISTORY = 20
"""Treaties shown of one class, newest first."""
SHARES = (0, 20, 40, 50, 60, 70, 80, 90, 100)
"""Percent of the maximum in a preview, beside the thresholds."""
MAXIMA_SHOWN = 3
COMMON_MAXIMUM = 10.0


@dataclass(frozen=True)
class Example:
    """What one share of the maximum becomes."""

    percent: Decimal
    values: Sequence[tuple[float, float]]
    """(points, value in the gradebook) for each of the maxima shown."""


@dataclass(frozen=True)
class Preview:
    """What a scale would make of points and of the class's grades."""

    scale: Scale
    maxima: Sequence[float]
    examples: Sequence[Example]
    grades: Sequence[tuple[float, float, int]]
    """(value, its maximum, how many grades would become it), the best first."""

    @property
    def count(self) -> int:
        """Grades that are there already."""
        return sum(count for _value, _maximum, count in self.grades)


def agreed_treaty(participation_id: int) -> ScaleTreaty | None:
    """The treaty in force for a class."""
    return db.session.scalar(
        select(ScaleTreaty).where(ScaleTreaty.participation_id == participation_id, ScaleTreaty.state == AGREED)
    )


def treaties_of(participation: Participation) -> list[ScaleTreaty]:
    """What was proposed and agreed for this class, the newest first."""
    statement = select(ScaleTreaty).where(ScaleTreaty.participation_id == participation.id)
    return list(db.session.scalars(statement.order_by(ScaleTreaty.id.desc()).limit(HISTORY)))


def scales_of_context(context_id: int) -> dict[int, Scale]:
    """The scales agreed for this context by the course's id."""
    statement = (
        select(Participation.course_id, ScaleTreaty)
        .join(Participation, Participation.id == ScaleTreaty.participation_id)
        .where(Participation.context_id == context_id, ScaleTreaty.state == AGREED)
    )
    return {course_id: treaty.scale for course_id, treaty in db.session.execute(statement)}


def states_of_scales(course_id: int) -> dict[int, dict[str, ScaleTreaty]]:
    """For each class of the course: the proposed and the agreed treaty by state."""
    statement = (
        select(ScaleTreaty)
        .join(Participation, Participation.id == ScaleTreaty.participation_id)
        .where(Participation.course_id == course_id, ScaleTreaty.state.in_((PROPOSED, AGREED)))
    )
    found: dict[int, dict[str, ScaleTreaty]] = {}
    for treaty in db.session.scalars(statement):
        found.setdefault(treaty.participation_id, {})[treaty.state] = treaty
    return found


def scales_to_answer(access: Access) -> list[Participation]:
    """Classes of the course whose proposed scale waits for this teacher's side."""
    own = [participation.id for participation in access.teaching]
    theirs = and_(ScaleTreaty.by_host.is_(True), Participation.id.in_(own))
    sides = or_(theirs, ScaleTreaty.by_host.is_(False)) if access.hosts else theirs
    statement = (
        select(Participation)
        .join(ScaleTreaty, ScaleTreaty.participation_id == Participation.id)
        .where(
            Participation.course_id == access.course.id,
            Participation.state == ACTIVE,
            ScaleTreaty.state == PROPOSED,
            sides,
        )
    )
    return list(db.session.scalars(statement.order_by(Participation.id)))


def preview_of(participation: Participation, scale: Scale) -> Preview:
    """What the scale would do to this class. Two statements."""
    maxima = _maxima(participation) or [COMMON_MAXIMUM]
    percents = sorted({*map(Decimal, SHARES), *scale.thresholds})
    examples = [Example(percent, [_example(scale, percent, maximum) for maximum in maxima]) for percent in percents]
    return Preview(scale, maxima, examples, _converted(participation, scale))


def _maxima(participation: Participation) -> list[float]:
    """The commonest maxima of the course's assignments, rising."""
    statement = (
        select(Activity.points)
        .where(
            Activity.course_id == participation.course_id, Activity.points.is_not(None), Activity.deleted_at.is_(None)
        )
        .group_by(Activity.points)
        .order_by(func.count().desc(), Activity.points)
        .limit(MAXIMA_SHOWN)
    )
    return sorted(points for points in db.session.scalars(statement) if points is not None)


def _example(scale: Scale, percent: Decimal, maximum: float) -> tuple[float, float]:
    points = float(percent * Decimal(str(maximum)) / 100)
    return points, scale.convert(points, maximum)[0]


def _converted(participation: Participation, scale: Scale) -> list[tuple[float, float, int]]:
    statement = (
        select(Grade.points, Activity.points, func.count())
        .join(Activity, Activity.id == Grade.activity_id)
        .where(Grade.participation_id == participation.id)
        .group_by(Grade.points, Activity.points)
    )
    counts: dict[tuple[float, float], int] = {}
    for points, most, count in db.session.execute(statement):
        key = scale.convert(points, most)
        counts[key] = counts.get(key, 0) + count
    return [(value, maximum, counts[value, maximum]) for value, maximum in sorted(counts, reverse=True)]


def columns_kept(participation: Participation) -> list[tuple[str, float]]:
    """(label, agreed maximum) of the class's columns whose maximum the LMS did not change."""
    statement = select(Activity).where(Activity.course_id == participation.course_id, Activity.points.is_not(None))
    activities = db.session.scalars(statement).unique()
    return kept_columns(participation.context_id, [activity.resource_id for activity in activities])
