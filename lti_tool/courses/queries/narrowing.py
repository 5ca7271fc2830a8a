"""By what the rows of the gradebook are narrowed: a school, the state of a cell, words of a name; and who may ask for what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from lti_tool.core.db import utcnow
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.availability import published
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import Activity, Grade, Participation, SharedCourse, Submission
from lti_tool.courses.own_dates import OwnDates
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.grades.models import PARKED, REFUSED, SENDING, WAITING
from lti_tool.grades.queries import people_with_scores
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity

TO_GRADE, MISSING, LATE, ON_THE_WAY, HELD, EXCUSED = "to_grade", "missing", "late", "on_the_way", "held", "excused"
KEPT_BACK = "kept_back"
CELL_STATES = (TO_GRADE, KEPT_BACK, MISSING, LATE, ON_THE_WAY, HELD, EXCUSED)
"""What a row can be looked for by: at least one of its cells is so. KEPT_BACK: a mark nobody was told of, only for who
may grade; HELD: the delivery of a grade waits for a person."""
Named = Callable[[Pupil], str]
"""What the viewer may call a pupil."""


@dataclass(frozen=True)
class Sight:
    """What the viewer may know of the cells beside what pupils were told."""

    nameless: frozenset[int] = frozenset()
    """Activities (ids) that are graded without names: nothing of them is told, or searched by, beside a name."""
    marks: bool = False
    """May grade, and so sees marks that are held back."""


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


def selected(
    course: SharedCourse,
    participations: Collection[Participation] | None,
    activities: Sequence[Activity],
    wanted: Wanted,
    sight: Sight,
) -> Select[Any]:
    """SQL: Identity, Participation, active of the pupils of this school and state, in order."""
    ids = None if participations is None else [one.id for one in participations]
    statement = select_pupils(pupil_places(course.id, ids))
    if wanted.school is not None:
        statement = statement.where(Organization.id == wanted.school)
    if wanted.state not in CELL_STATES or (wanted.state == KEPT_BACK and not sight.marks):
        return statement
    told = [one for one in activities if one.id not in sight.nameless]
    return _in_state(statement, told, wanted.state, marks=sight.marks)


def _in_state(statement: Select[Any], activities: Sequence[Activity], state: str, *, marks: bool) -> Select[Any]:
    """Only pupils with at least one cell of these in that state."""
    ids = [one.id for one in activities]
    sent = {ON_THE_WAY: (WAITING, SENDING), HELD: (REFUSED, PARKED)}
    if state in sent:
        return statement.where(
            Identity.id.in_(people_with_scores([one.resource_id for one in activities], sent[state]))
        )
    if state == EXCUSED:
        return statement.where(Identity.id.in_(select(Excuse.identity_id).where(Excuse.activity_id.in_(ids))))
    if state == KEPT_BACK:
        waiting = select(Mark.identity_id).where(Mark.activity_id.in_(ids), Mark.released_at.is_(None))
        return statement.where(Identity.id.in_(waiting))
    graded = or_(_has(Grade), _has(Mark)) if marks else _has(Grade)
    if state == MISSING:
        handed_in = _has(Submission, Submission.handed_in_at.is_not(None))
        return statement.where(_is_missing(ids, graded, _has(Excuse), handed_in))
    handed_in = select(Submission.id).join(Activity, Activity.id == Submission.activity_id)
    own = (Submission.identity_id == Identity.id, Submission.handed_in_at.is_not(None), Activity.id.in_(ids))
    handed_in = handed_in.where(*own).correlate(Identity)
    if state == LATE:
        due_at = func.coalesce(Submission.own_due_at, Activity.due_at)
        return statement.where(handed_in.where(Submission.handed_in_at > due_at).exists())
    if marks:
        handed_in = handed_in.where(Submission.settled.is_(False))
    return statement.where(handed_in.where(or_(~graded, Submission.waits_again)).exists())


def _is_missing(ids: Collection[int], *reasons: Any) -> Any:
    """SQL: one of these activities is shown to pupils and overdue by the pupil's own dates, and no reason excuses it."""
    dates = OwnDates(Identity.id, Participation.id)
    overdue = dates.on(select(Activity.id)).where(Activity.id.in_(ids), published(), dates.due_at < utcnow())
    return overdue.where(*(~reason for reason in reasons)).correlate(Identity, Participation).exists()


def _has(model: Any, *so: Any) -> Any:
    """SQL: there is one of this activity and this person."""
    return (
        select(model.id)
        .where(model.activity_id == Activity.id, model.identity_id == Identity.id, *so)
        .correlate(Activity, Identity)
        .exists()
    )
