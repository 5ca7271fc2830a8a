"""Reads about what a class has of a course in its LMS course."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import String, cast, exists, func, literal, select
from sqlalchemy.orm import aliased

from lti_tool.contexts.models import Context, ResourceLink
from lti_tool.core.db import db
from lti_tool.courses.availability import in_order, published
from lti_tool.courses.models import ACTIVE, Activity, Participation, SharedCourse
from lti_tool.grades.models import LineItem
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_SCORE

COLUMNS, SCORES, NOTHING = "columns", "scores", "nothing"
"""What an LMS lets the tool do with its gradebook: make columns and fill them, only fill them, nothing."""
HISTORY = 20
"""LMS courses that one was copied from, one after the other, that are looked at."""


@dataclass(frozen=True)
class Placement:
    """A graded activity as the LMS course has it."""

    activity: Activity
    placed: bool
    """A link of the LMS course opens it."""
    column: bool
    """The gradebook has a column for it."""

    @property
    def missing(self) -> bool:
        """It is to be placed: neither pupils nor grades have a way to it yet."""
        return not (self.placed or self.column)


@dataclass(frozen=True)
class InLms:
    """A course as one class has it in its LMS."""

    course_placed: bool
    """A link opens the course itself."""
    total: bool
    """The gradebook has a column for the whole course."""
    rights: str
    """COLUMNS, SCORES or NOTHING."""
    activities: Sequence[Placement]

    @property
    def missing(self) -> list[Placement]:
        return [one for one in self.activities if one.missing]


@dataclass(frozen=True)
class Copied:
    """An LMS course that another one was copied from, and a course it takes part in which the copy does not."""

    context: Context
    course: SharedCourse
    successor: SharedCourse | None
    """Its newest copy for another year that is open to the teacher."""


def rights_of(context: Context) -> str:
    """COLUMNS, SCORES or NOTHING, by what the LMS told at the last launch that named its grade service."""
    if SCOPE_SCORE not in context.ags_scopes:
        return NOTHING
    return COLUMNS if SCOPE_LINE_ITEM in context.ags_scopes and context.lineitems_url else SCORES


def in_lms(participation: Participation) -> InLms:
    """What the class has of the course; three statements."""
    course_id, context_id = participation.course_id, participation.context_id
    graded = select(Activity).where(Activity.course_id == course_id, Activity.points.is_not(None), published())
    activities = db.session.scalars(graded.order_by(*in_order())).unique().all()
    targets = set(db.session.scalars(select(ResourceLink.target).where(ResourceLink.context_id == context_id)))
    made = select(LineItem.resource_id).where(LineItem.context_id == context_id, LineItem.url.is_not(None))
    columns = set(db.session.scalars(made))
    return InLms(
        f"course:{course_id}" in targets,
        participation.course.resource_id in columns,
        rights_of(participation.context),
        [Placement(one, f"activity:{one.id}" in targets, one.resource_id in columns) for one in activities],
    )


def missing_counts(participation_ids: Collection[int]) -> dict[int, int]:
    """How many graded activities are to be placed, by participation; those with none are left out. One statement."""
    link = exists().where(
        ResourceLink.context_id == Participation.context_id,
        ResourceLink.target == literal("activity:") + cast(Activity.id, String),
    )
    column = exists().where(
        LineItem.context_id == Participation.context_id,
        LineItem.resource_id == literal("activity-") + cast(Activity.id, String),
        LineItem.url.is_not(None),
    )
    statement = (
        select(Participation.id, func.count(Activity.id))
        .join(Activity, Activity.course_id == Participation.course_id)
        .where(Participation.id.in_(participation_ids), Participation.state == ACTIVE)
        .where(Activity.points.is_not(None), published(), ~link, ~column)
        .group_by(Participation.id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)} if participation_ids else {}


def copied_from(place: Context, open_ids: Collection[int]) -> list[Copied]:
    """What the LMS courses that this one was copied from take part in, and this one does not; two statements.

    Those are of the same school, so that a wrong history tells nothing that colleagues may not know. Of copies for
    another year only those are told that are open to the teacher: `open_ids`.
    """
    if not place.history:
        return []
    here = select(Participation.course_id).where(Participation.context_id == place.id, Participation.state == ACTIVE)
    copy = aliased(SharedCourse)
    followed = select(copy.origin_id).where(copy.id.in_(here), copy.origin_id.is_not(None))
    statement = (
        select(Context, SharedCourse)
        .join(Participation, Participation.context_id == Context.id)
        .join(SharedCourse, SharedCourse.id == Participation.course_id)
        .where(Context.deployment_pk == place.deployment_pk, Context.lms_id.in_(place.history[:HISTORY]))
        .where(Participation.state == ACTIVE, SharedCourse.id.not_in(here), SharedCourse.id.not_in(followed))
        .order_by(SharedCourse.title, SharedCourse.id)
    )
    found = {course.id: (context, course) for context, course in db.session.execute(statement)}
    newer = select(SharedCourse).where(SharedCourse.origin_id.in_(found), SharedCourse.id.in_(open_ids))
    successors = {one.origin_id: one for one in db.session.scalars(newer.order_by(SharedCourse.id))} if found else {}
    return [Copied(context, course, successors.get(course.id)) for context, course in found.values()]
