"""The gradebook: pupils against graded activities, each cell with its grade and the way it takes to the school."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import lazyload

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, utcnow
from lti_tool.courses import availability
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import Activity, CourseUnit, Grade, Participation, ScaleTreaty, SharedCourse, Submission
from lti_tool.courses.pupils import Pupil, in_order, pupil_places, select_pupils
from lti_tool.courses.queries.courses import matches, state_of
from lti_tool.grades.models import PARKED, REFUSED, SENDING, WAITING
from lti_tool.grades.queries import Delivery, OnTheWay, deliveries, failed_scores, on_the_way, people_with_scores
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration

PUPILS_PER_PAGE, COLUMNS_PER_PAGE = 40, 12
TO_GRADE, MISSING, LATE, ON_THE_WAY, HELD, EXCUSED = "to_grade", "missing", "late", "on_the_way", "held", "excused"
CELL_STATES = (TO_GRADE, MISSING, LATE, ON_THE_WAY, HELD, EXCUSED)
"""What a row can be looked for by: at least one of its cells is so."""
Named = Callable[[Pupil], str]
"""What the viewer may call a pupil."""


@dataclass(frozen=True)
class Wanted:
    """What of the gradebook is asked for."""

    school: int | None = None
    """An organization."""
    state: str = ""
    """One of CELL_STATES, or empty for all."""
    search: str = ""
    """Words of a name, as the viewer may read it."""
    unit: int | None = None
    page: int = 1
    columns: int = 1

    @property
    def narrows(self) -> bool:
        """Not every pupil is shown."""
        return bool(self.school or self.state or self.search)


@dataclass(frozen=True)
class Face:
    """What can be seen in a cell. Most cells of a page look like others: each look is made once."""

    state: str
    """What became of the work: see state_of."""
    points: float | None = None
    home: tuple[str, float, float] | None = None
    """Kind of scale, value and maximum, where the school's gradebook reads differently."""
    late: bool = False
    excused: bool = False
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
    """Of the grade; 0: there is none."""
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
    schools: Sequence[Organization] = ()
    units: Sequence[CourseUnit] = ()
    unit_of: Mapping[int, str] = field(default_factory=dict)
    """Titles of the columns' units by activity."""

    @property
    def column_pages(self) -> int:
        return max(1, -(-self.graded // COLUMNS_PER_PAGE))

    def missing_of(self, *, context_id: int | None = None, resource_id: str | None = None) -> OnTheWay:
        """What has not arrived in one class, in one column, or anywhere."""
        chosen = (
            counts
            for (context, resource), counts in self.missing.items()
            if context_id in (None, context) and resource_id in (None, resource)
        )
        return sum(chosen, OnTheWay())


def gradebook(
    course: SharedCourse, participations: Collection[Participation] | None, wanted: Wanted, named: Named
) -> Gradebook:
    """All pupils, or those of these participations only. A dozen statements, whatever the size."""
    graded = graded_activities(course)
    units = _units(course, graded)
    activities = [one for one in graded if wanted.unit in (None, one.unit_id)]
    columns = max(1, min(wanted.columns, -(-len(activities) // COLUMNS_PER_PAGE)))
    shown = activities[(columns - 1) * COLUMNS_PER_PAGE : columns * COLUMNS_PER_PAGE]
    pupils, total, page = _pupils(course, participations, activities, wanted, named)
    rows, faces = rows_of(shown, pupils)
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
        schools_of_course(course) if participations is None else (),
        units,
        {one.id: unit.title for one in shown for unit in units if unit.id == one.unit_id},
    )


def _pupils(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    activities: Sequence[Activity],
    wanted: Wanted,
    named: Named,
) -> tuple[list[Pupil], int, int]:
    """The pupils of the page, how many there are in all, and the page's number."""
    statement = selected(course, participations, activities, wanted)
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
    course: SharedCourse, participations: Collection[Participation] | None, wanted: Wanted, named: Named
) -> list[Pupil]:
    """Every pupil that this filter shows, in order; one or two statements."""
    activities = [one for one in graded_activities(course) if wanted.unit in (None, one.unit_id)]
    found = _read(selected(course, participations, activities, wanted))
    return [one for one in found if matches(named(one), wanted.search)]


def selected(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    activities: Sequence[Activity],
    wanted: Wanted,
) -> Select[Any]:
    """SQL: Identity, Participation, active of the pupils of this school and state, in order."""
    ids = None if participations is None else [one.id for one in participations]
    statement = select_pupils(pupil_places(course.id, ids))
    if wanted.school is not None:
        statement = statement.where(Organization.id == wanted.school)
    return _in_state(statement, activities, wanted.state) if wanted.state in CELL_STATES else statement


def _in_state(statement: Select[Any], activities: Sequence[Activity], state: str) -> Select[Any]:
    """Only pupils with at least one cell of these in that state."""
    ids = [one.id for one in activities]
    sent = {ON_THE_WAY: (WAITING, SENDING), HELD: (REFUSED, PARKED)}
    if state in sent:
        return statement.where(
            Identity.id.in_(people_with_scores([one.resource_id for one in activities], sent[state]))
        )
    if state == EXCUSED:
        return statement.where(Identity.id.in_(select(Excuse.identity_id).where(Excuse.activity_id.in_(ids))))
    handed_in = select(Submission.id).join(Activity, Activity.id == Submission.activity_id)
    own = (Submission.identity_id == Identity.id, Submission.handed_in_at.is_not(None), Activity.id.in_(ids))
    handed_in = handed_in.where(*own).correlate(Identity)
    if state == LATE:
        return statement.where(handed_in.where(Submission.handed_in_at > Activity.due_at).exists())
    if state == TO_GRADE:
        return statement.where(handed_in.where(~_has(Grade)).exists())
    done = (_has(Grade), _has(Excuse), _has(Submission, Submission.handed_in_at.is_not(None)))
    overdue = select(Activity.id).where(Activity.id.in_(ids), Activity.published, Activity.due_at < utcnow())
    return statement.where(overdue.where(*(~one for one in done)).correlate(Identity).exists())


def _has(model: Any, *so: Any) -> Any:
    """SQL: there is one of this activity and this person."""
    return (
        select(model.id)
        .where(model.activity_id == Activity.id, model.identity_id == Identity.id, *so)
        .correlate(Activity, Identity)
        .exists()
    )


def schools_of_course(course: SharedCourse) -> list[Organization]:
    """The schools of the classes that take part."""
    mine = select(Participation.context_id).where(Participation.course_id == course.id)
    statement = (
        select(Organization)
        .distinct()
        .join(Registration, Registration.organization_id == Organization.id)
        .join(Context, Context.registration_id == Registration.id)
        .where(Context.id.in_(mine))
    )
    return list(db.session.scalars(statement.order_by(Organization.name)))


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


def rows_of(activities: Sequence[Activity], pupils: Sequence[Pupil]) -> tuple[list[Row], list[Face]]:
    """The cells of these pupils, and what they look like. Four statements of bare values: no row of a table is built."""
    activity_ids = [activity.id for activity in activities]
    identity_ids = [pupil.identity.id for pupil in pupils]
    grades = _by_cell(_GRADES, Grade, activity_ids, identity_ids)
    submissions = _by_cell(_SUBMISSIONS, Submission, activity_ids, identity_ids)
    excuses = _by_cell(_EXCUSES, Excuse, activity_ids, identity_ids)
    sent = deliveries([activity.resource_id for activity in activities], identity_ids)
    faces: dict[Face, int] = {}

    def cell(activity: Activity, identity_id: int) -> Cell:
        place = (activity.id, identity_id)
        grade, submission = grades.get(place), submissions.get(place)
        score = None if grade is None else sent.get((grade.context_id, activity.resource_id, identity_id))
        face = _face(activity, grade, submission, score, excused=place in excuses)
        return Cell(0 if grade is None else grade.version, faces.setdefault(face, len(faces)))

    rows = [Row(pupil, [cell(activity, pupil.identity.id) for activity in activities]) for pupil in pupils]
    return rows, list(faces)


def _face(activity: Activity, grade: Any, submission: Any, score: Delivery | None, *, excused: bool) -> Face:
    handed_in_at = submission.handed_in_at if submission else None
    late = handed_in_at is not None and activity.due_at is not None and handed_in_at > activity.due_at
    state = state_of(submission, grade)
    if grade is None:
        return Face(state, late=late, excused=excused)
    agreed = (grade.home_value, grade.home_maximum)
    same = grade.kind is None or None in agreed or agreed == (grade.points, activity.points)
    home = None if same else (grade.kind, *agreed)
    delivery, code = (score.state, score.code) if score else ("", None)
    return Face(state, grade.points, home, late, delivery=delivery, code=code)


_GRADES = (
    select(Grade.activity_id, Grade.identity_id, Grade.points, Grade.home_value, Grade.home_maximum)
    .add_columns(Grade.version, ScaleTreaty.kind, Participation.context_id)
    .join(Participation, Participation.id == Grade.participation_id)
    .outerjoin(ScaleTreaty, ScaleTreaty.id == Grade.treaty_id)
)
_SUBMISSIONS = select(Submission.activity_id, Submission.identity_id, Submission.handed_in_at)
_EXCUSES = select(Excuse.activity_id, Excuse.identity_id)


def _by_cell(
    statement: Select[Any], model: Any, activity_ids: list[int], identity_ids: list[int]
) -> dict[tuple[int, int], Any]:
    chosen = statement.where(model.activity_id.in_(activity_ids), model.identity_id.in_(identity_ids))
    return {(row[0], row[1]): row for row in db.session.execute(chosen)}
