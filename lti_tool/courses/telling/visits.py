"""What is new in a course since somebody was there last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, select, update

from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.courses.access import Access
from lti_tool.courses.availability import OPEN
from lti_tool.courses.discussing.models import DISCUSSION
from lti_tool.courses.discussing.queries import new_messages
from lti_tool.courses.queries.courses import ActivityRow, UnitRow
from lti_tool.courses.telling.models import CourseVisit
from lti_tool.people.actor import Actor

PAUSE = timedelta(minutes=30)
"""Away for longer, and it is another visit."""


@dataclass(frozen=True)
class News:
    """What is new since a moment: what opened, what was written in discussions, and for a pupil what was graded."""

    since: datetime
    opened: Sequence[ActivityRow]
    graded: Sequence[ActivityRow]
    written: Sequence[tuple[ActivityRow, int]] = ()
    """With how many messages of others."""


def visit_course(*, actor: Actor, course_id: int) -> None:
    """Note that the actor looks at the course; two statements at most. It is no act of the trail."""
    now = utcnow()
    values = {"course_id": course_id, "identity_id": actor.identity_id, "seen_at": now}
    if insert_if_absent(CourseVisit, values):
        return
    paused = CourseVisit.seen_at < now - PAUSE
    again = (
        update(CourseVisit)
        .where(CourseVisit.course_id == course_id, CourseVisit.identity_id == actor.identity_id)
        .values(before_at=case((paused, CourseVisit.seen_at), else_=CourseVisit.before_at), seen_at=now)
    )
    execute(again.execution_options(synchronize_session=False))


def news_of(actor: Actor, access: Access, units: Sequence[UnitRow]) -> News | None:
    """What is new in these contents; None when there is nothing, or on the first visit. One statement, and two for
    discussions where there are any."""
    statement = select(CourseVisit).where(
        CourseVisit.course_id == access.course.id, CourseVisit.identity_id == actor.identity_id
    )
    visit = db.session.scalar(statement)
    if visit is None:
        return None
    since = visit.seen_at if utcnow() - visit.seen_at > PAUSE else visit.before_at
    if since is None:
        return None
    rows = [row for unit in units for row in unit.rows]
    opened = [row for row in rows if row.availability.state == OPEN and _opened_at(row) > since]
    graded = [row for row in rows if row.grade is not None and row.grade.graded_at > since]
    written = _written(actor, access, rows, since)
    return News(since, opened, graded, written) if opened or graded or written else None


def _written(
    actor: Actor, access: Access, rows: Sequence[ActivityRow], since: datetime
) -> Sequence[tuple[ActivityRow, int]]:
    teaches = access.hosts or access.tutor or access.teaching
    found = {
        row.activity.id: row
        for row in rows
        if row.activity.kind == DISCUSSION and (row.availability.readable or access.hosts)
    }
    if not found:
        return ()
    counts = new_messages(found, since=since, person_id=actor.person_id, learner=None if teaches else actor.identity_id)
    return [(row, counts[ident]) for ident, row in found.items() if ident in counts]


def _opened_at(row: ActivityRow) -> datetime:
    unit = row.activity.unit
    moments = (row.activity.created_at, row.activity.available_from, unit.available_from if unit else None)
    return max(moment for moment in moments if moment is not None)
