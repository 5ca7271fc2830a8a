"""How the schools' gradebooks agree with a course's grades: one line a class, and each difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.core.paging import Page
from lti_tool.courses.models import Activity, Participation, SharedCourse
from lti_tool.courses.queries.gradebook import graded_activities
from lti_tool.grades.reconciliation.models import Difference
from lti_tool.grades.reconciliation.queries import (
    ColumnState,
    Scope,
    column_states,
    counts_by_resource,
    differences,
)


@dataclass(frozen=True)
class ClassComparison:
    """One class's gradebook: all its columns of this course together."""

    participation: Participation
    columns: Sequence[ColumnState]

    @property
    def checked_at(self) -> datetime | None:
        """When the column looked at longest ago was compared; None as long as one never was."""
        moments = [column.checked_at for column in self.columns]
        return min((moment for moment in moments if moment is not None), default=None) if all(moments) else None

    @property
    def open(self) -> int:
        return sum(column.open for column in self.columns)

    @property
    def running(self) -> bool:
        return any(column.running for column in self.columns)

    @property
    def errors(self) -> list[str]:
        return sorted({column.error for column in self.columns if column.error})


@dataclass(frozen=True)
class CourseComparison:
    """What the panel of a course's gradebook shows."""

    classes: Sequence[ClassComparison]

    @property
    def columns(self) -> int:
        return sum(len(one.columns) for one in self.classes)

    @property
    def done(self) -> int:
        """Columns that are not being compared."""
        return sum(not column.running for one in self.classes for column in one.columns)

    @property
    def running(self) -> bool:
        return any(one.running for one in self.classes)

    @property
    def open(self) -> int:
        return sum(one.open for one in self.classes)

    @property
    def agrees(self) -> bool:
        """Everything was compared, without trouble and without a difference."""
        return self.open == 0 and all(one.checked_at is not None and not one.errors for one in self.classes)


def scope_of(
    course: SharedCourse, participations: Collection[Participation] | None, activity_id: int | None = None
) -> Scope:
    """The columns of a course in all classes that take part, or in these only; of one activity when named."""
    chosen = [one for one in graded_activities(course) if activity_id in (None, one.id)]
    contexts = [one.context_id for one in _classes(course, participations)]
    return Scope(tuple(one.resource_id for one in chosen), tuple(contexts))


def comparison_of(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    activities: Sequence[Activity] | None = None,
) -> CourseComparison:
    """How the gradebooks of all classes, or of these, were last compared. Two statements, and one more unless the
    graded activities are told."""
    classes = _classes(course, participations)
    names = tuple(one.resource_id for one in (graded_activities(course) if activities is None else activities))
    columns: dict[int, list[ColumnState]] = defaultdict(list)
    for column in column_states(Scope(names, tuple(one.context_id for one in classes))):
        columns[column.context_id].append(column)
    return CourseComparison(
        [ClassComparison(one, columns[one.context_id]) for one in classes if columns[one.context_id]]
    )


def _classes(course: SharedCourse, participations: Collection[Participation] | None) -> Sequence[Participation]:
    return classes_of(course) if participations is None else list(participations)


def classes_of(course: SharedCourse) -> Sequence[Participation]:
    """All that take part, or did, with their schools; one statement."""
    statement = select(Participation).where(Participation.course_id == course.id)
    return db.session.scalars(statement.order_by(Participation.id)).unique().all()


@dataclass(frozen=True)
class DifferenceRow:
    """A difference with where it belongs in the course."""

    difference: Difference
    activity: Activity
    participation: Participation


@dataclass(frozen=True)
class Differences:
    """A page of the list of differences, with what it can be narrowed to."""

    page: Page[Difference]
    rows: Sequence[DifferenceRow]
    activities: Sequence[tuple[Activity, int]]
    """Graded activities, each with the number of its open differences."""


def differences_of(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    *,
    activity_id: int | None,
    decided: bool,
    number: int,
    address: Callable[[int], str],
) -> Differences:
    """The differences of a course in all classes or in these; the number of statements does not grow with them."""
    activities: Mapping[str, Activity] = {one.resource_id: one for one in graded_activities(course)}
    classes = {one.context_id: one for one in _classes(course, participations)}
    whole = Scope(tuple(activities), tuple(classes))
    names = tuple(name for name, one in activities.items() if activity_id in (None, one.id))
    page = differences(Scope(names, whole.context_ids), decided=decided, number=number, address=address)
    rows = [
        DifferenceRow(one, activities[one.line_item.resource_id], classes[one.line_item.context_id])
        for one in page.items
    ]
    counts = counts_by_resource(whole)
    return Differences(page, rows, [(one, counts.get(name, 0)) for name, one in activities.items()])
