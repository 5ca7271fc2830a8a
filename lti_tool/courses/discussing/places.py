"""The places of discussions in courses: `activity-40`, and `activity-40-7` for group 7 where each has its own threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from flask import url_for
from flask_babel import gettext as _

from lti_tool.core.policy import allows
from lti_tool.courses.access import ActivityAccess, activity_access
from lti_tool.courses.discussing.models import DISCUSSION, TEACHERS
from lti_tool.courses.discussing.operations import take_stock
from lti_tool.courses.discussing.queries import (
    group_for,
    openly_named,
    people_around,
    place_name,
    teachers_around,
)
from lti_tool.courses.discussing.settings import DiscussionSettings, kept
from lti_tool.courses.groups.models import Group
from lti_tool.courses.groups.queries import group_of, grouping_of
from lti_tool.courses.models import ARCHIVED
from lti_tool.courses.staff.models import COMMENT, GRADE
from lti_tool.discussions.places import Participant, Place, short_names
from lti_tool.discussions.queries import has_written
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity

PREFIX = "activity"


def find(actor: Actor, rest: str) -> Place | None:
    """The place of the name `activity-{rest}`, when the actor may know of it."""
    number, _hyphen, inside = rest.partition("-")
    ids = [int(part) for part in (number, inside) if part.isascii() and part.isdecimal() and len(part) < 19]
    if "-".join(map(str, ids)) != rest:
        return None
    access = activity_access(actor, ids[0])
    if access is None or access.the_activity.kind != DISCUSSION or not allows(actor, "activity.see", access):
        return None
    if len(ids) == 1:
        return None if grouping_of(ids[0]) is not None else place_for(actor, access)
    group = group_for(*ids)
    if group is None or not sees_group(actor, access, group):
        return None
    return place_for(actor, access, group)


def is_pupil(access: ActivityAccess) -> bool:
    """Does the actor learn here, rather than teach?"""
    return access.learns and not (access.hosts or access.tutor or access.teaching)


def sees_group(actor: Actor, access: ActivityAccess, group: Group) -> bool:
    """Teachers see every group's discussion, a pupil that of the own one."""
    if not is_pupil(access):
        return True
    own = group_of(access.the_activity.id, actor.identity_id or 0)
    return own is not None and own.id == group.id


def place_for(actor: Actor, access: ActivityAccess, group: Group | None = None) -> Place:
    """The discussion, or that of a group, as the actor meets it; `activity.see` is asked before."""
    activity, course = access.the_activity, access.course
    settings, name, teachers = kept(activity), place_name(activity, group), teachers_around(course.id)
    pupil, writes = is_pupil(access), _writes(actor, access)
    return Place(
        name=name,
        title=activity.title if group is None else f"{activity.title} · {group.title}",
        home=url_for("courses.activity", activity_id=activity.id, group=group.id if group else None),
        crumbs=(
            (url_for("home.index"), _("Home")),
            (url_for("courses.course", course_id=course.id), course.title),
        ),
        organization_id=course.organization_id,
        reads=True,
        writes=writes,
        begins=not (pupil and settings.starters == TEACHERS),
        veiled=pupil and _waits_to_read(actor, settings, name),
        moderates=access.hosts or (access.tutor == GRADE and access.tutors_everybody),
        moderated=settings.moderated,
        full_names=_full_names(access),
        teachers=teachers,
        participants=lambda: [
            Participant(one.person_id, identity=one) for one in people_around(course.id, name, group)
        ],
        noted=lambda post: take_stock(actor=actor, access=access, post=post),
    )


def _writes(actor: Actor, access: ActivityAccess) -> bool:
    """Pupils while it is open, teachers until the course is archived; who only looks on does not."""
    if access.preview:
        return False
    if is_pupil(access):
        return allows(actor, "activity.work", access)
    teaches = access.hosts or bool(access.teaching) or access.tutor in (COMMENT, GRADE)
    return teaches and access.course.state != ARCHIVED


def _waits_to_read(actor: Actor, settings: DiscussionSettings, name: str) -> bool:
    return settings.write_first and not has_written(name, person_id=actor.person_id)


def _full_names(access: ActivityAccess) -> Callable[[Identity], bool]:
    """Who teaches the course reads the whole names that the schools let them; asked for once, when a name is shown."""
    if not (access.hosts or access.tutor):
        return short_names
    named = cache(partial(openly_named, access.course.id))
    return lambda identity: identity.id in named()
