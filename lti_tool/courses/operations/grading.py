"""How the host grades: one grade for each pupil and assignment, recorded for delivery in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import change
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.gradebook.history import change_row, note_change, note_changes
from lti_tool.courses.gradebook.models import BROUGHT, HAND, QUIZ
from lti_tool.courses.gradebook.waiting import note_settled
from lti_tool.courses.kinds import kind_of
from lti_tool.courses.models import AGREED, Activity, Grade, Participation, ScaleTreaty, SharedCourse, Submission
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.courses.telling.kinds import GRADED
from lti_tool.grades.operations import Rescaled, record_score, rescale_scores
from lti_tool.people.actor import Actor
from lti_tool.people.notices.operations import tell, untell

MAX_COMMENT = 5_000
"""Characters of a comment."""


def give_grade(
    *, actor: Actor | None, activity: Activity, pupil: Pupil, points: float, comment: str, seen: int, way: str = HAND
) -> Grade | None:
    """Grade a pupil's work (`actor` None: a quiz or the command line) as its kind has it: the grade, or None when it is
    held back.

    `seen` is the version of the grade the change is made from, 0 for none. Raises Outdated, Invalid, and Conflict for somebody who was erased.
    """
    give = kind_of(activity).give_grade or record_grade
    return give(actor=actor, activity=activity, pupil=pupil, points=points, comment=comment, seen=seen, way=way)


def require_gradable(activity: Activity, pupil: Pupil, points: float) -> None:
    """Raise Invalid for points beyond the maximum, Conflict for somebody who was erased."""
    check_points(activity, points)
    if pupil.identity.erased_at is not None:
        raise Conflict(
            _("This person's data was erased, so the grade can no longer change."), _("Go back to the list.")
        )


def record_grade(
    *, actor: Actor | None, activity: Activity, pupil: Pupil, points: float, comment: str, seen: int, way: str = HAND
) -> Grade:
    """Store a grade and have its score delivered, in one transaction; raises like give_grade."""
    require_gradable(activity, pupil, points)
    participation_id = where_it_counts(activity, pupil)
    treaty = hold_treaties([participation_id]).get(participation_id)
    statement = select(Grade).where(Grade.activity_id == activity.id, Grade.identity_id == pupil.identity.id)
    grade = db.session.scalar(statement.with_for_update(of=Grade))
    by = actor.identity_id if actor else None
    before = (grade.points, grade.comment) if grade else (None, "")
    if grade is None:
        grade = Grade(
            activity_id=activity.id,
            identity_id=pupil.identity.id,
            participation_id=participation_id,
            points=points,
            comment=comment,
            graded_by_id=by,
            graded_at=utcnow(),
        )
        db.session.add(grade)
    elif change(grade, seen, points=points, comment=comment):
        grade.graded_by_id, grade.graded_at = by, utcnow()
    else:
        return grade
    _convert(activity, grade, treaty)
    db.session.flush()
    note_change(grade, way, before=before)
    note_settled(activity.id, [grade.identity_id])
    _record(actor, activity, grade)
    tell_graded([grade.identity_id], activity)
    return grade


def tell_graded(identity_ids: Collection[int], activity: Activity) -> None:
    """Tell pupils of a grade that they may see; one statement."""
    facts = {"activity": activity.id, "title": activity.title, "title_of_course": activity.course.title}
    tell(identity_ids, GRADED, activity.resource_id, facts)


def untell_graded(identity_ids: Collection[int], activity: Activity) -> None:
    """These grades were taken back."""
    untell(identity_ids, GRADED, activity.resource_id)


def check_points(activity: Activity, points: float) -> None:
    """Raises Invalid unless the points are within 0 and the activity's maximum."""
    assert activity.points is not None
    if not 0 <= points <= activity.points:
        raise Invalid({"points": _("Give 0 to %(maximum)s points.", maximum=f"{activity.points:g}")})


@dataclass(frozen=True)
class ImportedGrade:
    """A line of a file of grades."""

    line: int
    activity: str
    """Its id, as a number or as `activity-40`, or its title where only one has it."""
    issuer: str
    sub: str
    points: float
    comment: str


def import_grades(*, course: SharedCourse, grades: Iterable[ImportedGrade]) -> tuple[int, list[str]]:
    """Record grades that were given elsewhere, like any grade; answers how many, and a sentence for each fault.

    The caller records nothing when there is a fault.
    """
    activities = _assignments(course)
    pupils = _pupils_by_sub(course)
    faults, count = [], 0
    for given in grades:
        activity = activities.get(given.activity.removeprefix("activity-"))
        found = pupils.get((given.issuer, given.sub), [])
        fault = _fault(given, activity, found)
        if fault:
            faults.append(f"line {given.line}: {fault}")
        elif activity is not None and not faults:
            _import_one(activity, found[0], given)
            count += 1
    return count, faults


def _fault(given: ImportedGrade, activity: Activity | None, pupils: list[Pupil]) -> str | None:
    if activity is None:
        return f"the course has no graded activity {given.activity!r}"
    if not pupils:
        return f"no pupil of the course is {given.sub!r} at {given.issuer}"
    if len(pupils) > 1:
        return f"{given.sub!r} at {given.issuer} is more than one pupil; grade on the course's pages instead"
    if not 0 <= given.points <= (activity.points or 0):
        return f"score {given.points:g} is not within 0 and {activity.points:g}"
    if len(given.comment) > MAX_COMMENT:
        return f"the comment is longer than {MAX_COMMENT} characters"
    return None


def _import_one(activity: Activity, pupil: Pupil, given: ImportedGrade) -> None:
    points, comment, seen = given.points, given.comment, version_now(activity, pupil.identity.id)
    give_grade(actor=None, activity=activity, pupil=pupil, points=points, comment=comment, seen=seen, way=BROUGHT)


def version_now(activity: Activity, identity_id: int) -> int:
    """Of the mark or grade that is there, as give_grade takes it; 0: there is none."""
    found = 0
    for model in (Mark, Grade):
        statement = select(model.version).where(model.activity_id == activity.id, model.identity_id == identity_id)
        found = found or db.session.scalar(statement) or 0
    return found


def _assignments(course: SharedCourse) -> dict[str, Activity]:
    statement = select(Activity).where(
        Activity.course_id == course.id, Activity.points.is_not(None), Activity.deleted_at.is_(None)
    )
    found = list(db.session.scalars(statement).unique())
    titles = [activity.title for activity in found]
    by_title = {activity.title: activity for activity in found if titles.count(activity.title) == 1}
    return by_title | {str(activity.id): activity for activity in found}


def _pupils_by_sub(course: SharedCourse) -> dict[tuple[str, str], list[Pupil]]:
    found: dict[tuple[str, str], list[Pupil]] = {}
    for identity, participation, active in db.session.execute(select_pupils(pupil_places(course.id))):
        key = (identity.registration.issuer, identity.sub)
        found.setdefault(key, []).append(Pupil(identity, participation, bool(active)))
    return found


def record_new_points(*, actor: Actor | None, activity: Activity, points: Mapping[int, float]) -> None:
    """Give grades that are there other points, by the pupil's identity, and send them; a few statements, whatever the
    number. Who gave a grade, and the comment, stay. Not for kinds with a rule of their own: grades held back would be told."""
    assert kind_of(activity).give_grade is None
    statement = (
        select(Grade.id, Grade.identity_id, Grade.points, Grade.participation_id, Participation.context_id)
        .join(Participation, Participation.id == Grade.participation_id)
        .where(Grade.activity_id == activity.id)
    )
    by = actor.identity_id if actor else None
    rows = [row for row in db.session.execute(statement) if points.get(row.identity_id, row.points) != row.points]
    assert activity.points is not None
    for participation_id, context_id in {(row.participation_id, row.context_id) for row in rows}:
        treaty, now = hold_treaties([participation_id]).get(participation_id), utcnow()
        grades, scores, changes = [], [], []
        for row in rows:
            if row.participation_id == participation_id:
                given = points[row.identity_id]
                home = treaty.scale.convert(given, activity.points) if treaty else (None, None)
                grades.append({"grade": row.id, "new": given, "home": home[0], "maximum": home[1], "now": now})
                sent = (given, activity.points) if treaty is None else (home[0] or 0.0, home[1] or activity.points)
                scores.append(Rescaled(activity.resource_id, row.identity_id, *sent))
                key: dict[str, Any] = {"activity_id": activity.id, "identity_id": row.identity_id, "by_id": by}
                changes.append(change_row(way=QUIZ, before=row.points, points=given, home=home, **key))
        run(_NEW_POINTS, grades)
        note_changes(changes)
        tell_graded([row.identity_id for row in rows if row.participation_id == participation_id], activity)
        rescale_scores(actor=actor, context_id=context_id, scores=scores, agreed=treaty is not None)


_grades = table_of(Grade)
_NEW_POINTS = (
    update(_grades)
    .where(_grades.c.id == bindparam("grade"))
    .values(
        points=bindparam("new"),
        home_value=bindparam("home"),
        home_maximum=bindparam("maximum"),
        graded_at=bindparam("now"),
        version=_grades.c.version + 1,
    )
)


def where_it_counts(activity: Activity, pupil: Pupil) -> int:
    """The participation of the grade that is there, else the one the work was handed in through, else the pupil's."""
    for model in (Grade, Submission):
        found = db.session.scalar(
            select(model.participation_id).where(
                model.activity_id == activity.id, model.identity_id == pupil.identity.id
            )
        )
        if found is not None:
            return int(found)
    return pupil.participation.id


def hold_treaties(participation_ids: Collection[int]) -> dict[int, ScaleTreaty]:
    """The treaties in force by class, until this transaction ends: who agrees on another one converts these grades as
    well. Two statements."""
    mine = select(Participation.id).where(Participation.id.in_(participation_ids)).order_by(Participation.id)
    db.session.execute(mine.with_for_update(read=True))
    statement = select(ScaleTreaty).where(
        ScaleTreaty.participation_id.in_(participation_ids), ScaleTreaty.state == AGREED
    )
    return {treaty.participation_id: treaty for treaty in db.session.scalars(statement)}


def home_values(treaty: ScaleTreaty | None, points: float, activity: Activity) -> dict[str, Any]:
    """What a grade keeps of the school's own scale; nothing without a treaty."""
    if treaty is None:
        return {"home_value": None, "home_maximum": None, "treaty_id": None}
    assert activity.points is not None
    value, maximum = treaty.scale.convert(points, activity.points)
    return {"home_value": value, "home_maximum": maximum, "treaty_id": treaty.id}


def _convert(activity: Activity, grade: Grade, treaty: ScaleTreaty | None) -> None:
    """The value in the school's own scale, beside the points."""
    if treaty is not None:
        assert activity.points is not None
        grade.home_value, grade.home_maximum = treaty.scale.convert(grade.points, activity.points)
        grade.treaty = treaty


def _record(actor: Actor | None, activity: Activity, grade: Grade) -> None:
    maximum = activity.points if grade.home_maximum is None else grade.home_maximum
    assert maximum is not None
    record_score(
        actor=actor,
        context_id=grade.participation.context_id,
        resource_id=activity.resource_id,
        label=activity.title,
        identity_id=grade.identity_id,
        given=grade.points if grade.home_value is None else grade.home_value,
        maximum=maximum,
        comment=grade.comment,
        graded_at=grade.graded_at,
        agreed=grade.home_maximum is not None,
    )
    audit.record(actor, "grade", "activity", activity.id, identity=grade.identity_id)
