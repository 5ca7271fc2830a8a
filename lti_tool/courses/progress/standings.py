"""SQL: what every picture of progress is made from, one row a pupil.

What counts are activities that pupils are shown and in which there is something to do: work to hand in, a meeting, a page
that asks whether it is read. A pupil has done one as `availability.done_by` says; what a pupil is excused from
stands as done in the pupil's own number, and is never overdue. Points are those of Grade, which is
all that pupils' own pages read: a mark nobody was told of is no Grade.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Float, Select, Subquery, and_, cast, func, or_, select, union_all
from sqlalchemy.orm import aliased

from lti_tool.contexts.models import Membership
from lti_tool.core.db import db
from lti_tool.courses.availability import published
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.kinds import all_kinds
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.models import Activity, Grade, Participation, Submission
from lti_tool.courses.own_dates import OwnDates
from lti_tool.courses.pupils import pupil_places


def counts() -> Any:
    """SQL: an activity that pupils are shown and in which they have something to do."""
    return and_(published(), asks_something())


def asks_something() -> Any:
    """SQL: the same whether pupils are shown it or not."""
    later = aliased(Activity)
    followed = select(later.id).where(later.after_id == Activity.id, later.deleted_at.is_(None)).exists()
    read = [kind.name for kind in all_kinds() if kind.confirms]
    return or_(Activity.kind.not_in(read), Activity.asks_done.is_(True), followed)


def counted_ids(course_id: int, hidden: Collection[int] = ()) -> list[int]:
    """Ids of these activities but for the `hidden` ones (see assignments.queries.hidden_from); one statement.

    What follows takes them, so that no row is judged again and again.
    """
    found = select(Activity.id).where(Activity.course_id == course_id, Activity.id.not_in(hidden), counts())
    return list(db.session.scalars(found))


def done_pairs(activity_ids: Collection[int]) -> Subquery:
    """SQL: activity_id and identity_id of everything of these that was done, each once."""
    marked = select(Submission.id).where(
        Submission.activity_id == Grade.activity_id,
        Submission.identity_id == Grade.identity_id,
        Submission.done_at.is_not(None),
    )
    own = select(Submission.activity_id, Submission.identity_id).where(
        Submission.activity_id.in_(activity_ids), Submission.done_at.is_not(None)
    )
    graded = select(Grade.activity_id, Grade.identity_id).where(Grade.activity_id.in_(activity_ids), ~marked.exists())
    return union_all(own, graded).subquery()


def shares(course_id: int) -> Select[Any]:
    """SQL: Grade beside its Activity, where the points can be a share of something."""
    return (
        select(Grade.identity_id)
        .join(Activity, Activity.id == Grade.activity_id)
        .where(Activity.course_id == course_id, published(), Activity.points > 0)
    )


def standings(
    course_id: int,
    activity_ids: Collection[int],
    now: datetime,
    participation_ids: Collection[int] | None = None,
    *,
    hidden: Collection[int] = (),
) -> Subquery:
    """SQL: a row for each pupil of the course, or of these classes, about the activities that count.

    identity_id, participation_id, active; since: when the pupil came into the course; done: how many activities; overdue:
    how many of those due since then are not done; share: of all points that could be had for what was graded, 0 to 1;
    last_at: when the pupil last did something, other than in the `hidden` activities.
    """
    places = select(pupil_places(course_id, participation_ids)).cte("pupil")
    joined, done = _joined(course_id), done_numbers(activity_ids)
    overdue = _overdue(course_id, activity_ids, places, now)
    points, last = _points(course_id), _last(course_id, hidden)
    columns = (
        select(
            places.c.identity_id,
            places.c.participation_id,
            places.c.active,
            func.coalesce(joined.c.since, Participation.created_at).label("since"),
            func.coalesce(done.c.number, 0).label("done"),
            func.coalesce(overdue.c.number, 0).label("overdue"),
            points.c.share,
            last.c.at.label("last_at"),
        )
        .join(Participation, Participation.id == places.c.participation_id)
        .outerjoin(joined, joined.c.identity_id == places.c.identity_id)
    )
    for each in (done, overdue, points, last):
        columns = columns.outerjoin(each, each.c.identity_id == places.c.identity_id)
    return columns.subquery("standings")


def _joined(course_id: int) -> Subquery:
    return (
        select(Membership.identity_id, func.min(Membership.created_at).label("since"))
        .join(Participation, Participation.context_id == Membership.context_id)
        .where(Participation.course_id == course_id)
        .group_by(Membership.identity_id)
        .subquery("joined")
    )


def excused(activity_id: Any, identity_id: Any) -> Any:
    """SQL: this pupil need not do it."""
    return select(Excuse.id).where(Excuse.activity_id == activity_id, Excuse.identity_id == identity_id).exists()


def done_numbers(activity_ids: Collection[int], name: str = "done") -> Subquery:
    """SQL: identity_id, and number: how many of these the pupil has done or is excused from."""
    done = done_pairs(activity_ids)
    same = (done.c.activity_id == Excuse.activity_id, done.c.identity_id == Excuse.identity_id)
    need_not = select(Excuse.activity_id, Excuse.identity_id).where(
        Excuse.activity_id.in_(activity_ids), ~select(done.c.identity_id).where(*same).exists()
    )
    pairs = union_all(select(done), need_not).subquery()
    return select(pairs.c.identity_id, func.count().label("number")).group_by(pairs.c.identity_id).subquery(name)


def _overdue(course_id: int, activity_ids: Collection[int], places: CTE, now: datetime) -> Subquery:
    """By the date that holds for each pupil. Meetings are no work that could still be handed in."""
    joined = _joined(course_id)
    dates = OwnDates(places.c.identity_id, places.c.participation_id)
    graded = select(Grade.id).where(Grade.activity_id == Activity.id, Grade.identity_id == places.c.identity_id)
    meeting = select(LiveSession.id).where(LiveSession.activity_id == Activity.id).exists()
    statement = (
        select(places.c.identity_id, func.count().label("number"))
        .join(joined, joined.c.identity_id == places.c.identity_id)
        .join(Activity, Activity.id.in_(activity_ids))
    )
    need_not = excused(Activity.id, places.c.identity_id)
    missing = (~meeting, dates.work.done_at.is_(None), ~graded.exists(), ~need_not)
    late = (dates.due_at >= joined.c.since, dates.due_at < now)
    return dates.on(statement).where(*late, *missing).group_by(places.c.identity_id).subquery("overdue")


def _points(course_id: int) -> Subquery:
    share = cast(func.sum(Grade.points), Float) / func.sum(Activity.points)
    return shares(course_id).add_columns(share.label("share")).group_by(Grade.identity_id).subquery("points")


def _last(course_id: int, hidden: Collection[int]) -> Subquery:
    moment = func.coalesce(Submission.draft_at, Submission.handed_in_at, Submission.done_at, Submission.created_at)
    return (
        select(Submission.identity_id, func.max(moment).label("at"))
        .join(Activity, Activity.id == Submission.activity_id)
        .where(Activity.course_id == course_id, Activity.id.not_in(hidden))
        .group_by(Submission.identity_id)
        .subquery("last")
    )
