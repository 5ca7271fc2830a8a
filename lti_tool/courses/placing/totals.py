"""One column for a whole course, where a gradebook has it: each pupil's share of the points that were given so far."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from lti_tool.core import jobs
from lti_tool.core.db import db, execute, insert_if_absent, unit_of_work, utcnow
from lti_tool.courses.models import ACTIVE, Activity, Grade, Participation
from lti_tool.courses.placing.models import CourseTotal
from lti_tool.courses.queries.scales import agreed_treaty
from lti_tool.grades.models import LineItem, Score
from lti_tool.grades.operations import Given, record_scores

EVERY = timedelta(minutes=1)
"""How old a total may be."""
WHOLE = 100.0


def keep_total(context_id: int, course_id: int) -> None:
    """The class's gradebook has a column for the whole course from now on; one statement when that is known."""
    statement = (
        select(Participation.id, CourseTotal.id)
        .outerjoin(CourseTotal, CourseTotal.id == Participation.id)
        .where(Participation.context_id == context_id, Participation.course_id == course_id)
    )
    row = db.session.execute(statement).first()
    if row is not None and row[1] is None:
        insert_if_absent(CourseTotal, {"id": row[0], "state": "waiting", "due_at": utcnow(), "attempts": 0})


@jobs.task("courses.send_totals")
def send_totals(participation_id: int) -> None:
    """Send the totals of a class that changed, in one transaction; a few statements, whatever the number of pupils."""
    with unit_of_work():
        if not jobs.claim(CourseTotal, participation_id):
            return
    with unit_of_work():
        participation = db.session.get_one(Participation, participation_id)
        if participation.state == ACTIVE:
            _send(participation)
        _again(participation_id)


def _again(participation_id: int) -> None:
    values = {"state": "waiting", "due_at": utcnow() + EVERY, "attempts": 0, "leased_until": None, "leased_by": None}
    statement = update(CourseTotal).where(CourseTotal.id == participation_id).values(**values)
    execute(statement.execution_options(synchronize_session=False))


def _send(participation: Participation) -> None:
    treaty = agreed_treaty(participation.id)
    sent = _sent(participation)
    fresh, maximum = [], treaty.scale.maximum(WHOLE) if treaty else WHOLE
    for identity_id, percent, graded_at in _totals(participation):
        value = treaty.scale.convert(percent, WHOLE)[0] if treaty else percent
        if sent.get(identity_id) != (value, maximum):
            fresh.append(Given(identity_id, value, "", graded_at))
    if fresh:
        record_scores(
            actor=None,
            context_id=participation.context_id,
            resource_id=participation.course.resource_id,
            label=participation.course.title,
            maximum=maximum,
            agreed=treaty is not None,
            scores=fresh,
        )


def _totals(participation: Participation) -> list[tuple[int, float, datetime]]:
    """(identity, percent, when it was given last) of the class's pupils who have grades."""
    statement = (
        select(
            Grade.identity_id,
            func.sum(Grade.points),
            func.sum(Activity.points),
            func.max(Grade.graded_at),
        )
        .join(Activity, Activity.id == Grade.activity_id)
        .where(Grade.participation_id == participation.id, Activity.course_id == participation.course_id)
        .where(Activity.points > 0, Activity.deleted_at.is_(None))
        .group_by(Grade.identity_id)
        .order_by(Grade.identity_id)
    )
    return [(row[0], round(row[1] * WHOLE / row[2], 2), row[3]) for row in db.session.execute(statement)]


def _sent(participation: Participation) -> dict[int, tuple[float, float]]:
    statement = (
        select(Score.identity_id, Score.given, Score.maximum)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(
            LineItem.context_id == participation.context_id,
            LineItem.resource_id == participation.course.resource_id,
        )
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(statement)}
