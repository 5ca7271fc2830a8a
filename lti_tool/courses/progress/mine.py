"""A pupil's own course: what is done, what is due, and the own grades with where they went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool.courses.access import Access
from lti_tool.courses.availability import AFTER, LATER
from lti_tool.courses.live.queries import length_of
from lti_tool.courses.queries.courses import EXCUSED, ActivityRow, contents
from lti_tool.grades.queries import Delivery, deliveries
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class OwnGrade:
    """A grade, and how far it has come on its way to the school's gradebook."""

    row: ActivityRow
    delivery: Delivery | None


@dataclass(frozen=True)
class MyCourse:
    """What a pupil sees of her own progress."""

    all: int
    done: int
    overdue: Sequence[ActivityRow]
    due: Sequence[ActivityRow]
    """With a date that is still to come, the next one first."""
    open: Sequence[ActivityRow]
    """Can be done now and has no date."""
    later: Sequence[ActivityRow]
    grades: Sequence[OwnGrade]
    points: float
    maximum: float

    @property
    def share(self) -> int:
        """Percent of the activities that are done."""
        return round(100 * self.done / self.all) if self.all else 0


def my_course(actor: Actor, access: Access, now: datetime, counted: set[int]) -> MyCourse:
    """Read as the pupil's own pages are, but for what the pupil is excused from; `counted`: ids of activities in which
    there is something to do."""
    rows = [row for unit in contents(actor, access) for row in unit.rows if row.state != EXCUSED]
    todo = [row for row in rows if row.activity.id in counted and not row.done]
    waits = [row for row in todo if row.availability.state in (LATER, AFTER)]
    open_ = [row for row in todo if row not in waits and row.availability.readable]
    dated = sorted(
        ((row.due_at, row) for row in todo if row.due_at),
        key=lambda pair: (pair[0], pair[1].activity.id),
    )
    lengths = length_of([row.activity.id for _due, row in dated])
    late = [row for due, row in dated if due < now and row in open_ and row.activity.id not in lengths]
    ahead = [row for due, row in dated if due + lengths.get(row.activity.id, due - due) >= now]
    graded = [row for row in rows if row.grade is not None]
    sent = deliveries([row.activity.resource_id for row in graded], [actor.identity_id or 0])
    by_column = {resource: delivery for (_context, resource, _identity), delivery in sent.items()}
    return MyCourse(
        all=len([row for row in rows if row.activity.id in counted]),
        done=len([row for row in rows if row.activity.id in counted and row.done]),
        overdue=late,
        due=ahead,
        open=[row for row in open_ if row.due_at is None and row.availability.open],
        later=[row for row in waits if row not in ahead],
        grades=[OwnGrade(row, by_column.get(row.activity.resource_id)) for row in graded],
        points=sum(row.grade.points for row in graded if row.grade),
        maximum=sum(row.activity.points or 0 for row in graded),
    )
