"""Reads about groups, for this room and for others: the group of a pupil for an activity, the members of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import lazyload

from lti_tool.core.db import db, get_or_none
from lti_tool.courses.groups.models import ActivityGrouping, Group, Grouping, GroupMember
from lti_tool.courses.models import Activity, SharedCourse
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils


def group_of(activity_id: int, identity_id: int) -> Group | None:
    """The pupil's group for this activity; None when it uses no groups, or the pupil is in none."""
    statement = (
        select(Group)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .join(ActivityGrouping, ActivityGrouping.grouping_id == Group.grouping_id)
        .where(ActivityGrouping.activity_id == activity_id, GroupMember.identity_id == identity_id)
    )
    return db.session.scalar(statement)


def grouping_of(activity_id: int) -> Grouping | None:
    """The set of groups an activity uses."""
    statement = select(Grouping).join(ActivityGrouping, ActivityGrouping.grouping_id == Grouping.id)
    return db.session.scalar(statement.where(ActivityGrouping.activity_id == activity_id))


def members_of(group: Group) -> list[Pupil]:
    """Who is in the group and in the course at the moment, by school and name; one statement."""
    return members_of_each(group.grouping.course_id, [group.id]).get(group.id, [])


def members_of_each(course_id: int, group_ids: Sequence[int]) -> dict[int, list[Pupil]]:
    """The same for several groups of one course; one statement."""
    places = pupil_places(course_id)
    statement: Select[Any] = (
        select_pupils(places)
        .add_columns(GroupMember.group_id)
        .join(GroupMember, GroupMember.identity_id == places.c.identity_id)
        .where(GroupMember.group_id.in_(group_ids), places.c.active == 1)
    )
    found: dict[int, list[Pupil]] = {}
    for identity, participation, active, group_id in db.session.execute(statement):
        found.setdefault(group_id, []).append(Pupil(identity, participation, bool(active)))
    return found


def groups_of(grouping: Grouping) -> Sequence[Group]:
    """The groups in order."""
    statement = select(Group).where(Group.grouping_id == grouping.id).order_by(Group.position, Group.id)
    return db.session.scalars(statement).unique().all()


@dataclass(frozen=True)
class Arranged:
    """A set of groups with everybody in it, and those who are in none."""

    groups: Sequence[tuple[Group, Sequence[Pupil]]]
    without: Sequence[Pupil]


def arranged(grouping: Grouping) -> Arranged:
    """Two statements, whatever the size. Who left the course is in no list."""
    found: dict[int | None, list[Pupil]] = {}
    for pupil, group_id in _pupils(grouping):
        found.setdefault(group_id, []).append(pupil)
    return Arranged([(group, found.get(group.id, [])) for group in groups_of(grouping)], found.get(None, []))


def _pupils(grouping: Grouping) -> list[tuple[Pupil, int | None]]:
    places = pupil_places(grouping.course_id)
    own = and_(GroupMember.grouping_id == grouping.id, GroupMember.identity_id == places.c.identity_id)
    statement: Select[Any] = (
        select_pupils(places).add_columns(GroupMember.group_id).outerjoin(GroupMember, own).where(places.c.active == 1)
    )
    return [(Pupil(row[0], row[1], bool(row[2])), row[3]) for row in db.session.execute(statement)]


@dataclass(frozen=True)
class OwnGroup:
    """A set of groups as one pupil meets it."""

    grouping: Grouping
    group: Group | None
    choices: Sequence[tuple[Group, int]] = ()
    """Groups to choose from, with how many are in each."""


def own_groups(course_id: int, identity_id: int) -> list[OwnGroup]:
    """The pupil's groups of a course and what is to be chosen; three statements."""
    statement = (
        select(Grouping, Group)
        .outerjoin(GroupMember, and_(GroupMember.grouping_id == Grouping.id, GroupMember.identity_id == identity_id))
        .outerjoin(Group, Group.id == GroupMember.group_id)
        .where(Grouping.course_id == course_id)
        .order_by(Grouping.title, Grouping.id)
        .options(lazyload(Group.grouping))  # its inner join would leave out sets in which the pupil has no group
    )
    rows = [(row[0], row[1]) for row in db.session.execute(statement)]
    open_ones = [grouping.id for grouping, _group in rows if grouping.way == "choice"]
    counts = sizes(open_ones, course_id)
    every = db.session.scalars(select(Group).where(Group.grouping_id.in_(open_ones)).order_by(Group.position, Group.id))
    choices: dict[int, list[tuple[Group, int]]] = {}
    for one in every.unique():
        choices.setdefault(one.grouping_id, []).append((one, counts.get(one.id, 0)))
    return [OwnGroup(grouping, group, choices.get(grouping.id, [])) for grouping, group in rows]


def sizes(grouping_ids: Sequence[int], course_id: int) -> dict[int, int]:
    """By group how many of the course's pupils are in it at the moment."""
    places = pupil_places(course_id)
    statement = (
        select(GroupMember.group_id, func.count())
        .join(places, and_(places.c.identity_id == GroupMember.identity_id, places.c.active == 1))
        .where(GroupMember.grouping_id.in_(grouping_ids))
        .group_by(GroupMember.group_id)
    )
    return dict(db.session.execute(statement).tuples().all())


@dataclass(frozen=True)
class GroupingLine:
    """A set of groups in the list of a course."""

    grouping: Grouping
    groups: int
    activities: Sequence[str]


def groupings_of(course: SharedCourse) -> list[GroupingLine]:
    """The sets of a course with what uses them; two statements."""
    counted = select(func.count(Group.id)).where(Group.grouping_id == Grouping.id).correlate(Grouping).scalar_subquery()
    statement = select(Grouping, counted).where(Grouping.course_id == course.id).order_by(Grouping.title, Grouping.id)
    used: dict[int, list[str]] = {}
    for grouping_id, title in db.session.execute(
        select(ActivityGrouping.grouping_id, Activity.title)
        .join(Activity, Activity.id == ActivityGrouping.activity_id)
        .where(Activity.course_id == course.id, Activity.deleted_at.is_(None))
        .order_by(Activity.position, Activity.id)
    ):
        used.setdefault(grouping_id, []).append(title)
    return [GroupingLine(one, number, used.get(one.id, [])) for one, number in db.session.execute(statement)]


def activities_with_groups(course: SharedCourse) -> list[tuple[Activity, int | None]]:
    """Every activity with the set it uses."""
    statement = (
        select(Activity, ActivityGrouping.grouping_id)
        .outerjoin(ActivityGrouping, ActivityGrouping.activity_id == Activity.id)
        .where(Activity.course_id == course.id, Activity.deleted_at.is_(None))
        .order_by(Activity.position, Activity.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def grouping_named(grouping_id: int) -> Grouping | None:
    """None when there is no such set."""
    return get_or_none(Grouping, grouping_id)
