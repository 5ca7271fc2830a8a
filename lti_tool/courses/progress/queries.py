"""Reads about progress. Averages are told only of groups large enough that nobody in them can be worked out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, utcnow
from lti_tool.courses.availability import in_order
from lti_tool.courses.models import Activity, Grade, Participation, SharedCourse
from lti_tool.courses.progress.standings import done_pairs, standings
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.organizations.models import Organization
from lti_tool.platforms.models import Registration

MINIMUM = 5
"""Pupils a group must have, beside those the reader knows, before an average of it is told."""
PUPILS_PER_PAGE = 40


@dataclass(frozen=True)
class Figures:
    """A group of pupils in numbers; those who have left are not in it."""

    pupils: int = 0
    begun: int = 0
    """Have done something."""
    behind: int = 0
    """Have something overdue."""
    graded: int = 0
    """Have at least one grade."""
    done: float = 0
    """Activities done, of all pupils together."""
    points: float = 0
    """The sum of the shares of points, 0 to 1 for each pupil with a grade."""

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))

    def done_share(self, activities: int) -> int | None:
        """Percent of the activities that the pupils have done on average."""
        return round(100 * self.done / self.pupils / activities) if self.pupils and activities else None

    @property
    def points_share(self) -> int | None:
        """Percent of the points that the graded pupils have on average."""
        return round(100 * self.points / self.graded) if self.graded else None

    @property
    def tells_done(self) -> bool:
        """Enough pupils to tell how much they did."""
        return self.pupils >= MINIMUM

    @property
    def tells_points(self) -> bool:
        return self.graded >= MINIMUM


@dataclass(frozen=True)
class SchoolFigures:
    """The pupils of one school; None: of several small ones together."""

    organization: Organization | None
    figures: Figures
    schools: int = 1

    def is_of(self, organization_id: int) -> bool:
        return self.organization is not None and self.organization.id == organization_id


@dataclass(frozen=True)
class ActivityFigures:
    """One activity: how many pupils have done it, how many are graded, and the percent of points on average."""

    activity: Activity
    done: int
    graded: int
    points_share: int | None


@dataclass(frozen=True)
class Standing:
    """One pupil as a teacher sees it."""

    pupil: Pupil
    done: int
    overdue: int
    points_share: int | None
    last_at: datetime | None


@dataclass(frozen=True)
class StandingPage:
    """A page of pupils."""

    rows: Sequence[Standing]
    total: int
    page: int
    pages: int


def _figures(found: Subquery) -> tuple[Any, ...]:
    begun = case(((found.c.last_at.is_not(None)) | (found.c.done > 0), 1))
    return (
        func.count(),
        func.count(begun),
        func.count(case((found.c.overdue > 0, 1))),
        func.count(found.c.share),
        func.coalesce(func.sum(found.c.done), 0),
        func.coalesce(func.sum(found.c.share), 0),
    )


def figures_of(
    course_id: int,
    activity_ids: Collection[int],
    own: Collection[int],
    organization_id: int | None,
    *,
    hidden: Collection[int] = (),
) -> tuple[Figures, Figures, Figures]:
    """(the pupils of these participations, other pupils of the organization, all pupils of other schools); one
    statement. Colleagues may tell each other of the middle ones, so that only the last can keep anybody unknown.
    `hidden`: as for standings."""
    found = standings(course_id, activity_ids, utcnow(), hidden=hidden)
    kin = (
        select(Participation.id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Participation.course_id == course_id, Registration.organization_id == organization_id)
    )
    side = case((found.c.participation_id.in_(own), 2), (found.c.participation_id.in_(kin), 1), else_=0)
    statement = select(side, *_figures(found)).where(found.c.active == 1).group_by(side)
    groups = {row[0]: _read(row[1:]) for row in db.session.execute(statement)}
    return groups.get(2, Figures()), groups.get(1, Figures()), groups.get(0, Figures())


def by_school(course_id: int, activity_ids: Collection[int], *, hidden: Collection[int] = ()) -> list[SchoolFigures]:
    """A line for each school, by name; one statement. `hidden`: as for standings."""
    found = standings(course_id, activity_ids, utcnow(), hidden=hidden)
    statement = (
        select(Organization, *_figures(found))
        .join(Registration, Registration.organization_id == Organization.id)
        .join(Context, Context.registration_id == Registration.id)
        .join(Participation, Participation.context_id == Context.id)
        .join(found, found.c.participation_id == Participation.id)
        .where(found.c.active == 1)
        .group_by(Organization.id)
        .order_by(Organization.name, Organization.id)
    )
    return [SchoolFigures(row[0], _read(row[1:])) for row in db.session.execute(statement)]


def small_together(schools: Sequence[SchoolFigures], own: int) -> list[SchoolFigures]:
    """The same for who may know no single pupil of other schools: small schools become one line.

    Of a line that is still small only the number of pupils is told (`tells_done`). The school `own` stays as it is.
    """
    small = [one for one in schools if not one.figures.tells_done and not one.is_of(own)]
    large = [one for one in schools if one not in small]
    return [*large, *_together(small)]


def others_together(schools: Sequence[SchoolFigures], own: int) -> list[SchoolFigures]:
    """The same with all other schools as one line: what a partner is told."""
    mine = [one for one in schools if one.is_of(own)]
    return [*mine, *_together([one for one in schools if one not in mine])]


def _together(schools: Sequence[SchoolFigures]) -> list[SchoolFigures]:
    if not schools:
        return []
    figures = sum((one.figures for one in schools), Figures())
    return [SchoolFigures(None, figures, sum(one.schools for one in schools))]


def by_activity(course_id: int, activity_ids: Collection[int]) -> list[ActivityFigures]:
    """What counts, in order, with how many active pupils have done it; two statements."""
    activities = db.session.scalars(select(Activity).where(Activity.id.in_(activity_ids)).order_by(*in_order())).all()
    places, pairs = pupil_places(course_id), done_pairs(activity_ids)
    done = (
        select(pairs.c.activity_id, func.count().label("number"))
        .join(places, places.c.identity_id == pairs.c.identity_id)
        .where(places.c.active == 1)
        .group_by(pairs.c.activity_id)
        .subquery()
    )
    places = pupil_places(course_id)
    points = (
        select(Grade.activity_id, func.count().label("number"), func.avg(Grade.points).label("average"))
        .join(places, places.c.identity_id == Grade.identity_id)
        .where(places.c.active == 1, Grade.activity_id.in_(activity_ids))
        .group_by(Grade.activity_id)
        .subquery()
    )
    statement = (
        select(Activity.id, done.c.number, points.c.number, points.c.average)
        .outerjoin(done, done.c.activity_id == Activity.id)
        .outerjoin(points, points.c.activity_id == Activity.id)
        .where(Activity.id.in_(activity_ids))
    )
    found = {row[0]: row[1:] for row in db.session.execute(statement)}
    return [_of_activity(activity, *found[activity.id]) for activity in activities]


def _of_activity(activity: Activity, done: int | None, graded: int | None, average: float | None) -> ActivityFigures:
    share = round(100 * average / activity.points) if average is not None and activity.points else None
    return ActivityFigures(activity, done or 0, graded or 0, share)


def pupils_of(
    course: SharedCourse,
    activity_ids: Collection[int],
    participations: Collection[Participation] | None,
    page: int,
    school: int | None = None,
    *,
    hidden: Collection[int] = (),
) -> StandingPage:
    """Pupils with their progress, of these classes only when named, of one school when chosen; two statements.

    `hidden`: as for standings.
    """
    ids = None if participations is None else [one.id for one in participations]
    found = standings(course.id, activity_ids, utcnow(), ids, hidden=hidden)
    statement = with_pupils(found, school)
    places = select_pupils(pupil_places(course.id, ids))
    total = db.session.scalar(_of_school(places, school).order_by(None).with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PUPILS_PER_PAGE))
    page = min(page, pages)
    statement = statement.add_columns(found.c.done, found.c.overdue, found.c.share, found.c.last_at)
    rows = db.session.execute(statement.limit(PUPILS_PER_PAGE).offset((page - 1) * PUPILS_PER_PAGE))
    return StandingPage([standing(row) for row in rows], total, page, pages)


def with_pupils(found: Subquery, school: int | None = None) -> Select[Any]:
    """SQL: Identity, Participation, active of every row of standings; of one school when chosen."""
    return _of_school(select_pupils(found), school)


def _of_school(statement: Select[Any], school: int | None) -> Select[Any]:
    return statement if school is None else statement.where(Organization.id == school)


def standing(row: Any) -> Standing:
    """A row of such a statement, with done, overdue, share and last_at beside it, as a value."""
    identity, participation, active, done, overdue, share, last_at = row[:7]
    percent = None if share is None else round(100 * share)
    return Standing(Pupil(identity, participation, bool(active)), done, overdue, percent, last_at)


def _read(row: Any) -> Figures:
    pupils, begun, behind, graded, done, points = row
    return Figures(pupils, begun, behind, graded, float(done), float(points))
