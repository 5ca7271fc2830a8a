"""The gradebook: pupils against graded activities, each cell with its grade and the way it takes to the school."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, null, select, union_all
from sqlalchemy.orm import lazyload

from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.courses import availability
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import Activity, CourseUnit, Grade, Participation, ScaleTreaty, SharedCourse, Submission
from lti_tool.courses.pupils import Pupil, in_order
from lti_tool.courses.queries.courses import matches, state_of
from lti_tool.courses.queries.narrowing import Named, Sight, Wanted, selected
from lti_tool.grades.models import PARKED, REFUSED
from lti_tool.grades.queries import Delivery, OnTheWay, deliveries, failed_scores, on_the_way
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration

PUPILS_PER_PAGE, COLUMNS_PER_PAGE = 40, 12
WITHOUT_NAMES = "without_names"
"""State of a cell of which nothing is told before the grades are released."""


@dataclass(frozen=True)
class Face:
    """What can be seen in a cell. Most cells of a page look like others: each look is made once."""

    state: str
    """What became of the work: see state_of; or WITHOUT_NAMES."""
    points: float | None = None
    home: tuple[str, float, float] | None = None
    """Kind of scale, value and maximum, where the school's gradebook reads differently."""
    late: bool = False
    excused: bool = False
    held: bool = False
    """The points are a mark that nobody was told of."""
    again: bool = False
    """There are points, and work that was handed in since."""
    delivery: str = ""
    """State of the score on its way; empty: there is none."""
    code: str | None = None
    """Why it is so; see grades.wording.explain_delivery."""

    @property
    def failed(self) -> bool:
        """The score waits for a person."""
        return self.delivery in (REFUSED, PARKED)


class Cell(NamedTuple):
    """One pupil's activity."""

    version: int
    """Of the grade or the mark; 0: there is none."""
    face: int
    """Which of the faces it has."""


@dataclass(frozen=True)
class Row:
    """One pupil."""

    pupil: Pupil
    cells: Sequence[Cell]
    """One for each column shown."""


@dataclass(frozen=True)
class Gradebook:
    """A window of the matrix, its rows grouped by the class they belong to."""

    wanted: Wanted
    """Page and columns are those that are shown."""
    activities: Sequence[Activity]
    """The columns shown."""
    all_activities: Sequence[Activity]
    """Of the whole course."""
    graded: int
    """All columns of the unit."""
    groups: Sequence[tuple[Participation, Sequence[Row]]]
    faces: Sequence[Face]
    pupils: int
    pages: int
    missing: Mapping[tuple[int, str], OnTheWay]
    """What has not arrived, of the whole gradebook, by context and column."""
    units: Sequence[CourseUnit] = ()
    unit_of: Mapping[int, str] = field(default_factory=dict)
    """Titles of the columns' units by activity."""

    @property
    def column_pages(self) -> int:
        return max(1, -(-self.graded // COLUMNS_PER_PAGE))

    @property
    def first_column(self) -> int:
        """Number of the first column shown, from 1."""
        return (self.wanted.columns - 1) * COLUMNS_PER_PAGE + 1

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
    wanted: Wanted,
    named: Named,
    sight: Sight,
) -> Gradebook:
    """All pupils, or those of these participations only. A dozen statements, whatever the size."""
    graded = graded_activities(course)
    units = _units(course, graded)
    activities = [one for one in graded if wanted.unit in (None, one.unit_id)]
    columns = max(1, min(wanted.columns, -(-len(activities) // COLUMNS_PER_PAGE)))
    shown = activities[(columns - 1) * COLUMNS_PER_PAGE : columns * COLUMNS_PER_PAGE]
    pupils, total, page = _pupils(selected(course, participations, activities, wanted, sight), wanted, named)
    rows, faces = rows_of(shown, pupils, sight)
    groups = [(one, list(own)) for one, own in groupby(rows, key=lambda row: row.pupil.participation)]
    return Gradebook(
        Wanted(wanted.school, wanted.state, wanted.search, wanted.unit, page, columns),
        shown,
        graded,
        len(activities),
        groups,
        faces,
        total,
        max(1, -(-total // PUPILS_PER_PAGE)),
        on_the_way([one.resource_id for one in graded], _context_ids(participations)),
        units,
        {one.id: unit.title for one in shown for unit in units if unit.id == one.unit_id},
    )


def _pupils(statement: Select[Any], wanted: Wanted, named: Named) -> tuple[list[Pupil], int, int]:
    """The pupils of the page, how many there are in all, and the page's number."""
    if wanted.search:
        found = [one for one in _read(statement) if matches(named(one), wanted.search)]
        page = max(1, min(wanted.page, -(-len(found) // PUPILS_PER_PAGE)))
        return found[(page - 1) * PUPILS_PER_PAGE : page * PUPILS_PER_PAGE], len(found), page
    rows, page = _window(statement, wanted.page), wanted.page
    if not rows and page > 1:
        total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
        page = max(1, -(-total // PUPILS_PER_PAGE))
        rows = _window(statement, page)
    return [Pupil(row[0], row[1], bool(row[2])) for row in rows], rows[0][3] if rows else 0, page


def _window(statement: Select[Any], page: int) -> Sequence[Any]:
    """Identity, Participation, active and the number of all rows; only those of the page are read whole."""
    active = list(statement.selected_columns)[-1]
    keys = statement.with_only_columns(
        Identity.id, Participation.id.label("class"), active, func.count().over().label("all")
    )
    one = keys.limit(PUPILS_PER_PAGE).offset((page - 1) * PUPILS_PER_PAGE).subquery()
    whole = (
        select(Identity, Participation, one.c.active, one.c.all)
        .join(one, one.c.id == Identity.id)
        .join(Participation, Participation.id == one.c["class"])
        .join(Participation.context)
        .join(Context.registration)
        .join(Registration.organization)
    )
    return db.session.execute(whole.order_by(*in_order())).all()


def _read(statement: Select[Any]) -> list[Pupil]:
    return [Pupil(row[0], row[1], bool(row[2])) for row in db.session.execute(statement)]


def pupils_of(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    wanted: Wanted,
    named: Named,
    sight: Sight,
) -> list[Pupil]:
    """Every pupil that this filter shows, in order; one or two statements."""
    activities = [one for one in graded_activities(course) if wanted.unit in (None, one.unit_id)]
    found = _read(selected(course, participations, activities, wanted, sight))
    return [one for one in found if matches(named(one), wanted.search)]


def _units(course: SharedCourse, activities: Sequence[Activity]) -> list[CourseUnit]:
    used = {one.unit_id for one in activities if one.unit_id is not None}
    if not used:
        return []
    statement = select(CourseUnit).where(CourseUnit.course_id == course.id, CourseUnit.id.in_(used))
    return list(db.session.scalars(statement.order_by(CourseUnit.position, CourseUnit.id)))


def graded_activities(course: SharedCourse) -> list[Activity]:
    """Assignments in order; those taken out stay as long as someone has a grade for them."""
    graded = select(Grade.activity_id).where(Grade.activity_id == Activity.id).exists()
    statement = select(Activity).where(
        Activity.course_id == course.id, Activity.points.is_not(None), Activity.deleted_at.is_(None) | graded
    )
    lean = statement.options(lazyload("*"))  # a column needs nothing of what stands around the activity
    return list(db.session.scalars(lean.order_by(*availability.in_order())))


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


def rows_of(activities: Sequence[Activity], pupils: Sequence[Pupil], sight: Sight) -> tuple[list[Row], list[Face]]:
    """The cells of these pupils, and what they look like. Four statements of bare values: no row of a table is built."""
    activity_ids = [activity.id for activity in activities if activity.id not in sight.nameless]
    identity_ids = [pupil.identity.id for pupil in pupils]
    grades = _by_cell(_GRADES, Grade, activity_ids, identity_ids)
    submissions = _by_cell(_SUBMISSIONS, Submission, activity_ids, identity_ids)
    held, excuses = _beside_grades(activity_ids, identity_ids, marks=sight.marks)
    sent = deliveries([activity.resource_id for activity in activities], identity_ids)
    faces: dict[Face, int] = {}

    def cell(activity: Activity, identity_id: int) -> Cell:
        place = (activity.id, identity_id)
        mark, grade, submission = held.get(place), grades.get(place), submissions.get(place)
        if activity.id in sight.nameless:
            face = Face(WITHOUT_NAMES)
        elif mark is not None:
            face = _held_face(activity, mark, submission)
        else:
            score = None if grade is None else sent.get((grade.context_id, activity.resource_id, identity_id))
            face = _face(activity, grade, submission, score, excused=place in excuses)
        there = mark or grade
        return Cell(0 if there is None else there.version, faces.setdefault(face, len(faces)))

    rows = [Row(pupil, [cell(activity, pupil.identity.id) for activity in activities]) for pupil in pupils]
    return rows, list(faces)


def _face(activity: Activity, grade: Any, submission: Any, score: Delivery | None, *, excused: bool) -> Face:
    state, late = state_of(submission, grade), _late(activity, submission)
    if grade is None:
        return Face(state, late=late, excused=excused)
    agreed = (grade.home_value, grade.home_maximum)
    same = grade.kind is None or None in agreed or agreed == (grade.points, activity.points)
    home = None if same else (grade.kind, *agreed)
    delivery, code = (score.state, score.code) if score else ("", None)
    again = submission is not None and submission.waits_again
    return Face(state, grade.points, home, late, again=again, delivery=delivery, code=code)


def _held_face(activity: Activity, mark: Any, submission: Any) -> Face:
    again = submission is not None and submission.waits_again
    points = round(mark.points, 2)
    return Face(state_of(submission, mark), points, late=_late(activity, submission), held=True, again=again)


def _late(activity: Activity, submission: Any) -> bool:
    """By the date that holds for this pupil."""
    if submission is None or submission.handed_in_at is None:
        return False
    due_at = submission.own_due_at or activity.due_at
    return due_at is not None and submission.handed_in_at > due_at


_GRADES = (
    select(Grade.activity_id, Grade.identity_id, Grade.points, Grade.home_value, Grade.home_maximum)
    .add_columns(Grade.version, ScaleTreaty.kind, Participation.context_id)
    .join(Participation, Participation.id == Grade.participation_id)
    .outerjoin(ScaleTreaty, ScaleTreaty.id == Grade.treaty_id)
)
_SUBMISSIONS = select(
    Submission.activity_id,
    Submission.identity_id,
    Submission.handed_in_at,
    Submission.own_due_at,
    Submission.waits_again,
)


def _beside_grades(
    activity_ids: list[int], identity_ids: list[int], *, marks: bool
) -> tuple[dict[tuple[int, int], Any], set[tuple[int, int]]]:
    """Marks that nobody was told of, where these may be seen, and excuses, by cell; one statement, as both are few."""

    def chosen(model: Any, *columns: Any) -> Select[Any]:
        cells = (model.activity_id.in_(activity_ids), model.identity_id.in_(identity_ids))
        return select(model.activity_id, model.identity_id, *columns).where(*cells)

    mark = (Mark.version, (Mark.points - Mark.deduction).label("points"))
    statement: Any = chosen(Excuse, literal(0).label("version"), null().label("points"))
    if marks:
        statement = union_all(chosen(Mark, *mark).where(Mark.released_at.is_(None)), statement)
    rows = db.session.execute(statement).all()
    return {(row[0], row[1]): row for row in rows if row.version}, {(row[0], row[1]) for row in rows if not row.version}


def _by_cell(
    statement: Select[Any], model: Any, activity_ids: list[int], identity_ids: list[int]
) -> dict[tuple[int, int], Any]:
    chosen = statement.where(model.activity_id.in_(activity_ids), model.identity_id.in_(identity_ids))
    return {(row[0], row[1]): row for row in db.session.execute(chosen)}
