"""Early warning: pupils who may need help, by four rules that the page states."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Float, Subquery, and_, case, cast, false, func, or_, select

from lti_tool.core.db import db, utcnow
from lti_tool.courses.availability import published
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.models import Activity, CourseUnit, Grade, Participation, SharedCourse, Submission
from lti_tool.courses.progress.queries import PUPILS_PER_PAGE, Standing, standing, with_pupils
from lti_tool.courses.progress.standings import shares, standings

NOT_STARTED, OVERDUE, FALLING, ABSENT = "not_started", "overdue", "falling", "absent"
RULES = (NOT_STARTED, OVERDUE, FALLING, ABSENT)
QUIET = timedelta(days=7)
"""Whoever came in, and could do something, so long ago should have begun."""
RECENT, BEFORE = 3, 3
"""Newest grades that are compared with those before, of which there must be so many."""
FALL = 0.20
"""How much lower the newest are on average, as a share of the points."""
MEETINGS = 2
"""Newest live sessions that were all missed."""


@dataclass(frozen=True)
class Warned:
    """A pupil, and by which rules."""

    standing: Standing
    rules: Sequence[str]


@dataclass(frozen=True)
class WarningPage:
    """A page of the list; counts: how many pupils each rule names."""

    rows: Sequence[Warned]
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


def warnings_of(
    course: SharedCourse,
    activity_ids: Collection[int],
    participations: Collection[Participation] | None,
    page: int,
    *,
    rule: str = "",
    school: int | None = None,
    hidden: Collection[int] = (),
) -> WarningPage:
    """Active pupils whom a rule names, those named by most rules first; three statements. `hidden`: as for standings."""
    now = utcnow()
    ids = None if participations is None else [one.id for one in participations]
    found = standings(course.id, activity_ids, now, ids, hidden=hidden)
    named = _named(course.id, activity_ids, found, now)
    flags = [case((named[one], 1), else_=0) for one in RULES]
    statement = with_pupils(found, school)
    falling = named["_falling"]
    statement = statement.outerjoin(falling, falling.c.identity_id == found.c.identity_id).where(found.c.active == 1)
    counted = statement.order_by(None).with_only_columns(
        *(func.coalesce(func.sum(flag), 0) for flag in flags),
        func.count(case((or_(*(named[one] for one in RULES)), 1))),
    )
    row = db.session.execute(counted).one()
    number_of = dict(zip(RULES, row[: len(RULES)], strict=True))
    total = number_of[rule] if rule in number_of else row[-1]
    pages = max(1, -(-total // PUPILS_PER_PAGE))
    page = min(page, pages)
    wanted = named[rule] if rule in number_of else or_(*(named[one] for one in RULES))
    most = sum(flags[1:], flags[0])
    listed = (
        statement.add_columns(found.c.done, found.c.overdue, found.c.share, found.c.last_at, *flags)
        .where(wanted)
        .order_by(None)
        .order_by(most.desc(), found.c.overdue.desc(), found.c.identity_id)
        .limit(PUPILS_PER_PAGE)
        .offset((page - 1) * PUPILS_PER_PAGE)
    )
    rows = [_warned(one) for one in db.session.execute(listed)]
    return WarningPage(rows, number_of, total, page, pages)


def _warned(row: Any) -> Warned:
    rules = [rule for rule, flag in zip(RULES, row[-len(RULES) :], strict=True) if flag]
    return Warned(standing(row), rules)


def _named(course_id: int, activity_ids: Collection[int], found: Subquery, now: datetime) -> dict[str, Any]:
    falling = _trends(course_id)
    return {
        NOT_STARTED: _not_started(activity_ids, found, now),
        OVERDUE: found.c.overdue > 0,
        FALLING: func.coalesce(falling.c.before - falling.c.recent, 0) >= FALL,
        ABSENT: _absent(course_id, found, now),
        "_falling": falling,
    }


def _not_started(activity_ids: Collection[int], found: Subquery, now: datetime) -> Any:
    unit = select(CourseUnit.available_from).where(CourseUnit.id == Activity.unit_id).scalar_subquery()
    begin = now - QUIET
    open_long = (
        select(Activity.id)
        .where(Activity.id.in_(activity_ids), Activity.created_at <= begin)
        .where(func.coalesce(Activity.available_from, begin) <= begin, func.coalesce(unit, begin) <= begin)
    )
    return and_(found.c.last_at.is_(None), found.c.done == 0, found.c.since <= begin, open_long.exists())


def _trends(course_id: int) -> Subquery:
    """SQL: identity_id, recent and before: average shares of points of the newest grades and of the others."""
    order = func.row_number().over(partition_by=Grade.identity_id, order_by=(Grade.graded_at.desc(), Grade.id.desc()))
    share = cast(Grade.points, Float) / Activity.points
    graded = shares(course_id).add_columns(share.label("share"), order.label("number")).subquery()
    recent = func.avg(case((graded.c.number <= RECENT, graded.c.share)))
    before = func.avg(case((graded.c.number > RECENT, graded.c.share)))
    return (
        select(graded.c.identity_id, recent.label("recent"), before.label("before"))
        .group_by(graded.c.identity_id)
        .having(func.count() >= RECENT + BEFORE)
        .subquery("trends")
    )


def _absent(course_id: int, found: Subquery, now: datetime) -> Any:
    """Missed the newest meetings that are over, all of which began after the pupil came in."""
    statement = (
        select(LiveSession)
        .join(LiveSession.activity)
        .where(Activity.course_id == course_id, published(), Activity.due_at < now)
        .order_by(Activity.due_at.desc(), Activity.id)
        .limit(MEETINGS + 2)
    )
    over = [one for one in db.session.scalars(statement).unique() if one.ends is not None and one.ends < now][:MEETINGS]
    if len(over) < MEETINGS:
        return false()
    there = select(Submission.id).where(
        Submission.activity_id.in_([one.activity_id for one in over]),
        Submission.identity_id == found.c.identity_id,
        Submission.done_at.is_not(None),
    )
    first = min(one.begins for one in over if one.begins is not None)
    return and_(found.c.since <= first, ~there.exists())
