"""What is open to pupils, from when, until when, and after what: decided here and nowhere else.

`published()` is for lists in SQL; `availability()` judges one activity for one pupil. An activity is hidden unless it and
its unit are published. It opens with the later one of its own and its unit's date, and once the activity before it is
done. After its last day it can be read, and nothing be done any more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, union

from lti_tool.core.db import db
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.models import Activity, CourseUnit, Grade, Submission

HIDDEN, LATER, AFTER, OPEN, OVER = "hidden", "later", "after", "open", "over"


@dataclass(frozen=True)
class Availability:
    """How one activity stands open to one pupil."""

    state: str = HIDDEN
    opens_at: datetime | None = None
    """When state is LATER."""
    after: Activity | None = None
    """What has to be done first, when state is AFTER."""

    @property
    def readable(self) -> bool:
        return self.state in (OPEN, OVER)

    @property
    def open(self) -> bool:
        """Something can be done."""
        return self.state == OPEN


def published() -> Any:
    """SQL: an activity that pupils are shown, open or not yet."""
    shown = select(CourseUnit.id).where(CourseUnit.id == Activity.unit_id, CourseUnit.published.is_(True)).exists()
    return and_(Activity.deleted_at.is_(None), Activity.published.is_(True), or_(Activity.unit_id.is_(None), shown))


def in_order() -> tuple[Any, ...]:
    """SQL: activities as the course shows them, unit by unit."""
    place = select(CourseUnit.position).where(CourseUnit.id == Activity.unit_id).scalar_subquery()
    return func.coalesce(place, 0), func.coalesce(Activity.unit_id, 0), Activity.position, Activity.id


def is_shown(activity: Activity) -> bool:
    """The same as `published` for one that is at hand."""
    return activity.deleted_at is None and activity.published and (activity.unit is None or activity.unit.published)


def availability(
    activity: Activity, done: Collection[int], now: datetime, closes_at: datetime | None = None
) -> Availability:
    """How the activity stands open to a pupil who has done those, and for whom it closes then instead of at its own time.

    What pupils are not shown holds nobody back: they could never do it.
    """
    if not is_shown(activity):
        return Availability(HIDDEN)
    dates = [activity.available_from, activity.unit.available_from if activity.unit else None]
    opens_at = max((date for date in dates if date is not None), default=None)
    if opens_at is not None and now < opens_at:
        return Availability(LATER, opens_at=opens_at)
    before = activity.after
    if before is not None and before.id not in done and is_shown(before):
        return Availability(AFTER, after=before)
    closes_at = closes_at or activity.available_until
    return Availability(OVER if closes_at is not None and now >= closes_at else OPEN)


def done_by(identity_id: int, activity_ids: Collection[int]) -> set[int]:
    """Of these activities, those the pupil has done, has a grade for, or is excused from."""
    own = select(Submission.activity_id).where(
        Submission.identity_id == identity_id,
        Submission.done_at.is_not(None),
        Submission.activity_id.in_(activity_ids),
    )
    graded = select(Grade.activity_id).where(Grade.identity_id == identity_id, Grade.activity_id.in_(activity_ids))
    excused = select(Excuse.activity_id).where(Excuse.identity_id == identity_id, Excuse.activity_id.in_(activity_ids))
    return {row[0] for row in db.session.execute(union(own, graded, excused))}
