"""The gradebook: pupils against graded activities, each cell with its grade and the way it takes to the school."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from lti_tool.core.db import db
from lti_tool.courses.availability import in_order
from lti_tool.courses.models import Activity, Grade, Participation, SharedCourse, Submission
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.courses.queries.courses import state_of
from lti_tool.grades.queries import Delivery, OnTheWay, deliveries, failed_scores, on_the_way

PUPILS_PER_PAGE = 40
WITHOUT_NAMES = "without_names"
"""State of a cell of which nothing is told before the grades are released."""


@dataclass(frozen=True)
class Cell:
    """One pupil's activity."""

    activity: Activity
    state: str
    grade: Grade | None
    delivery: Delivery | None


@dataclass(frozen=True)
class Row:
    """One pupil."""

    pupil: Pupil
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Gradebook:
    """A page of the matrix, its rows grouped by the class they belong to."""

    activities: Sequence[Activity]
    groups: Sequence[tuple[Participation, Sequence[Row]]]
    pupils: int
    page: int
    pages: int
    missing: Mapping[tuple[int, str], OnTheWay]
    """What has not arrived, of the whole gradebook, by context and column."""

    def missing_of(self, *, context_id: int | None = None, resource_id: str | None = None) -> OnTheWay:
        """What has not arrived in one class, in one column, or anywhere."""
        chosen = (
            counts
            for (context, resource), counts in self.missing.items()
            if context_id in (None, context) and resource_id in (None, resource)
        )
        return sum(chosen, OnTheWay())


def gradebook(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    page: int,
    *,
    hidden: Collection[int] = (),
) -> Gradebook:
    """All pupils, or those of these participations only. Seven statements, whatever the size.

    `hidden`: activities of which nothing is told beside a name, see assignments.queries.nameless.
    """
    ids = None if participations is None else [one.id for one in participations]
    places = pupil_places(course.id, ids)
    total = db.session.scalar(select(func.count()).select_from(places)) or 0
    pages = max(1, -(-total // PUPILS_PER_PAGE))
    page = min(page, pages)
    statement = select_pupils(places).limit(PUPILS_PER_PAGE).offset((page - 1) * PUPILS_PER_PAGE)
    pupils = [Pupil(row[0], row[1], bool(row[2])) for row in db.session.execute(statement)]
    activities = graded_activities(course)
    rows = _rows(activities, pupils, hidden)
    groups = [
        (participation, list(own)) for participation, own in groupby(rows, key=lambda row: row.pupil.participation)
    ]
    resource_ids = [activity.resource_id for activity in activities]
    missing = on_the_way(resource_ids, _context_ids(participations))
    return Gradebook(activities, groups, total, page, pages, missing)


def graded_activities(course: SharedCourse) -> list[Activity]:
    """Assignments in order; those taken out stay as long as someone has a grade for them."""
    graded = select(Grade.activity_id).where(Grade.activity_id == Activity.id).exists()
    statement = select(Activity).where(
        Activity.course_id == course.id, Activity.points.is_not(None), Activity.deleted_at.is_(None) | graded
    )
    return list(db.session.scalars(statement.order_by(*in_order())).unique())


def failed(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    *,
    context_id: int | None = None,
    activity_id: int | None = None,
) -> list[int]:
    """Scores that wait for a person, of these participations only when named; of one class or activity if wanted."""
    contexts = _context_ids(participations)
    if context_id is not None:
        contexts = [context_id] if contexts is None or context_id in contexts else []
    activities = [one for one in graded_activities(course) if activity_id in (None, one.id)]
    return failed_scores([activity.resource_id for activity in activities], contexts)


def _context_ids(participations: Collection[Participation] | None) -> list[int] | None:
    return None if participations is None else [one.context_id for one in participations]


def delivery_of(grade: Grade, activity: Activity) -> Delivery | None:
    """How far one grade has come."""
    key = (grade.participation.context_id, activity.resource_id, grade.identity_id)
    return deliveries([activity.resource_id], [grade.identity_id]).get(key)


def _rows(activities: Sequence[Activity], pupils: Sequence[Pupil], hidden: Collection[int]) -> list[Row]:
    activity_ids = [activity.id for activity in activities]
    identity_ids = [pupil.identity.id for pupil in pupils]
    grades = _by_cell(Grade, activity_ids, identity_ids)
    submissions = _by_cell(Submission, activity_ids, identity_ids)
    sent = deliveries([activity.resource_id for activity in activities], identity_ids)
    contexts = dict(_contexts(grades.values()))

    def cell(activity: Activity, identity_id: int) -> Cell:
        if activity.id in hidden:
            return Cell(activity, WITHOUT_NAMES, None, None)
        place = (activity.id, identity_id)
        grade = grades.get(place)
        delivery = None
        if grade is not None:
            delivery = sent.get((contexts[grade.participation_id], activity.resource_id, identity_id))
        return Cell(activity, state_of(submissions.get(place), grade), grade, delivery)

    return [Row(pupil, [cell(activity, pupil.identity.id) for activity in activities]) for pupil in pupils]


def _by_cell(model: type[Any], activity_ids: list[int], identity_ids: list[int]) -> dict[tuple[int, int], Any]:
    statement = select(model).where(model.activity_id.in_(activity_ids), model.identity_id.in_(identity_ids))
    return {(row.activity_id, row.identity_id): row for row in db.session.scalars(statement)}


def _contexts(grades: Iterable[Grade]) -> Sequence[tuple[int, int]]:
    """(participation id, context id) of where these grades count."""
    wanted = {grade.participation_id for grade in grades}
    statement = select(Participation.id, Participation.context_id).where(Participation.id.in_(wanted))
    return [(row[0], row[1]) for row in db.session.execute(statement)]
