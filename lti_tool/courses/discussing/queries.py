"""Reads about discussions of a course: in which place a pupil writes, who teaches around it, who can be named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select, union

from lti_tool.contexts.models import TEACHER, Membership
from lti_tool.core.db import db
from lti_tool.courses.discussing.models import ActivityDiscussion
from lti_tool.courses.groups.models import ActivityGrouping, Group, GroupMember
from lti_tool.courses.models import ACTIVE, Activity, CourseTeacher, Participation, Submission
from lti_tool.courses.pupils import pupil_places
from lti_tool.courses.staff.models import ACCEPTED, CourseTutor
from lti_tool.discussions.models import Forum, Post, Thread
from lti_tool.discussions.queries import Tally, new_posts_since, tallies_of_places
from lti_tool.people.models import Identity


def place_name(activity: Activity, group: Group | None) -> str:
    """The name of the place: of a group below that of the activity, so that `discussions.queries` finds both."""
    return _name(activity.id, group.id if group else None)


def _name(activity_id: int, group_id: int | None) -> str:
    return f"activity-{activity_id}" if group_id is None else f"activity-{activity_id}-{group_id}"


def group_for(activity_id: int, group_id: int) -> Group | None:
    """This group, if it is one of the set the activity uses."""
    statement = (
        select(Group)
        .join(ActivityGrouping, ActivityGrouping.grouping_id == Group.grouping_id)
        .where(ActivityGrouping.activity_id == activity_id, Group.id == group_id)
    )
    return db.session.scalar(statement)


@dataclass(frozen=True)
class GroupLine:
    """A group's discussion in the list of a teacher."""

    group: Group
    tally: Tally


def group_lines(activity: Activity, groups: Sequence[Group], *, person_id: int) -> list[GroupLine]:
    """The discussions of these groups; one statement."""
    names = {group.id: place_name(activity, group) for group in groups}
    tallies: Mapping[str, Tally] = tallies_of_places(names.values(), person_id=person_id)
    return [GroupLine(group, tallies.get(names[group.id], Tally())) for group in groups]


def new_messages(
    activity_ids: Collection[int], *, since: datetime, person_id: int, learner: int | None
) -> dict[int, int]:
    """How many messages others wrote since then in each of these discussions, where there are any. Two statements.

    `learner`: the identity of a pupil, who reads the own group alone, and nothing where it is to be written first and the
    pupil has not; None: a teacher.
    """
    statement = (
        select(ActivityDiscussion.activity_id, ActivityGrouping.grouping_id, Group.id)
        .outerjoin(ActivityGrouping, ActivityGrouping.activity_id == ActivityDiscussion.activity_id)
        .outerjoin(Group, Group.grouping_id == ActivityGrouping.grouping_id)
        .where(ActivityDiscussion.activity_id.in_(activity_ids))
    )
    if learner is not None:
        own = select(GroupMember.group_id).where(GroupMember.identity_id == learner)
        wrote = select(Submission.activity_id).where(Submission.identity_id == learner)
        statement = statement.where(
            or_(Group.id.is_(None), Group.id.in_(own)),
            or_(ActivityDiscussion.write_first.is_(False), ActivityDiscussion.activity_id.in_(wrote)),
        )
    places: dict[str, int] = {}
    for activity_id, grouping_id, group_id in db.session.execute(statement):
        if grouping_id is None or group_id is not None:
            places[_name(activity_id, group_id)] = activity_id
    counts: Counter[int] = Counter()
    for thread in new_posts_since(since, person_id=person_id, places=places) if places else ():
        counts[places[thread.place]] += thread.posts
    return dict(counts)


def teachers_around(course_id: int) -> frozenset[int]:
    """Identities of everybody who teaches the course: at the host, as a tutor, or a class that takes part."""
    return frozenset(db.session.scalars(_teaching(course_id)))


def _teaching(course_id: int) -> Select[tuple[int]]:
    hosts = select(CourseTeacher.identity_id).where(CourseTeacher.course_id == course_id)
    tutors = select(CourseTutor.identity_id).where(CourseTutor.course_id == course_id, CourseTutor.state == ACCEPTED)
    teaches = or_(Membership.launch_role == TEACHER, Membership.roster_role == TEACHER)
    classes = (
        select(Membership.identity_id)
        .join(Participation, Participation.context_id == Membership.context_id)
        .where(Participation.course_id == course_id, Participation.state == ACTIVE)
        .where(teaches, Membership.status == "active")
    )
    return select(union(hosts, tutors, classes).subquery().c.identity_id)


def people_around(course_id: int, place: str, group: Group | None) -> Sequence[Identity]:
    """Who can be named: the teachers, pupils who wrote here, and the group; nobody who has left. One statement.

    A course may have a thousand pupils: who has said nothing here is not offered to all of them.
    """
    places = pupil_places(course_id)
    wrote = (
        select(Post.identity_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Forum, Forum.id == Thread.forum_id)
        .where(Forum.place == place)
    )
    near = [Identity.id.in_(wrote)]
    if group is not None:
        near.append(Identity.id.in_(select(GroupMember.identity_id).where(GroupMember.group_id == group.id)))
    here = Identity.id.in_(select(places.c.identity_id).where(places.c.active == 1))
    known = or_(Identity.id.in_(_teaching(course_id)), and_(here, or_(*near)))
    return db.session.scalars(select(Identity).where(known, Identity.erased_at.is_(None)).order_by(Identity.id)).all()


def openly_named(course_id: int) -> frozenset[int]:
    """Identities of pupils whose school lets the teachers of the course read full names."""
    places = pupil_places(course_id)
    statement = select(places.c.identity_id).join(Participation, Participation.id == places.c.participation_id)
    return frozenset(db.session.scalars(statement.where(Participation.full_names.is_(True))))
