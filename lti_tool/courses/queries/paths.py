"""Where a link leads: the page for the content a launch names, judged anew for whoever launched it.

The content comes from a custom parameter that any teacher may edit, so it proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import url_for

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.access import Access, activity_access, course_access, work_access
from lti_tool.courses.kinds import kind_of
from lti_tool.courses.models import PARTNERS, PUBLISHED, Activity, SharedCourse
from lti_tool.courses.partners import standing
from lti_tool.people.actor import Actor

HOME = "home"
CONTENT = re.compile(r"(course|activity):([1-9][0-9]{0,17})")


@dataclass(frozen=True)
class GradedContent:
    """What a link's own gradebook column stands for."""

    resource_id: str
    label: str
    course_id: int | None = None
    """Of a whole course; None: an activity's."""


def path_for(actor: Actor, content: str) -> str:
    """The local path for a content id such as `home`, `course:12` or `activity:40`.

    What is not open to this person leads to a page that says so, never to an error.
    """
    found = CONTENT.fullmatch(content)
    if found is None:
        return url_for("home.index") if content in ("", HOME) else _notice("gone")
    ident = int(found[2])
    if found[1] == "course":
        return _course_path(actor, ident)
    return _activity_path(actor, ident)


def _course_path(actor: Actor, course_id: int) -> str:
    access = course_access(actor, course_id)
    if access is None:
        return _notice("gone")
    if allows(actor, "course.see", access):
        return url_for("courses.course", course_id=course_id)
    return _closed(actor, access)


def _activity_path(actor: Actor, activity_id: int) -> str:
    access = activity_access(actor, activity_id)
    if access is None:
        return _notice("gone")
    if allows(actor, "activity.see", access) or allows(actor, "activity.await", access):
        return url_for("courses.activity", activity_id=activity_id)
    return _notice("later") if allows(actor, "course.see", access) else _closed(actor, access)


def _closed(actor: Actor, access: Access) -> str:
    """A teacher may be able to bring the course in; a pupil waits for a place, or can only tell the teacher.

    Who is kept out for want of an agreement is told so: a class that takes part by the course's own page, with the
    host's name; everybody else without a word about the course.
    """
    course = access.course
    if access.barred:
        return url_for("courses.course", course_id=course.id)
    if access.without_seat and course.state == PUBLISHED:
        return url_for("courses.place", course_id=course.id)
    if (
        course.state == PUBLISHED
        and course.visibility == PARTNERS
        and not standing(course, actor.organization_id).in_force
    ):
        return _notice("agreement")
    if actor.context_id is not None and actor.is_teacher(actor.context_id):
        return url_for("courses.join", context_id=actor.context_id, course=course.id, link=1)
    return _notice("closed")


def _notice(reason: str) -> str:
    return url_for("courses.notice", reason=reason)


def review_path(actor: Actor, activity_id: int, identity_id: int) -> str:
    """The page with one pupil's work, for a teacher who comes from the LMS's gradebook. Raises NotFound."""
    work = work_access(actor, activity_id, identity_id)
    if work is None or not kind_of(work.the_activity).works or not allows(actor, "work.review", work):
        raise NotFound
    return url_for("courses.work", activity_id=activity_id, identity_id=identity_id)


def activity_of(name: str) -> int | None:
    """The activity a content id (`activity:40`) or the name of a column (`activity-40`) means."""
    found = re.fullmatch(r"activity[:-]([1-9][0-9]{0,17})", name)
    return int(found[1]) if found else None


def graded_content(content: str) -> GradedContent | None:
    """The column a launched link's line item belongs to, for a whole course that of the totals; None for what has no
    grade."""
    found = CONTENT.fullmatch(content)
    if found is None:
        return None
    if found[1] == "course":
        course = get_or_none(SharedCourse, int(found[2]))
        return GradedContent(course.resource_id, course.title, course_id=course.id) if course else None
    activity = get_or_none(Activity, int(found[2]))
    if activity is None or activity.points is None:
        return None
    return GradedContent(activity.resource_id, activity.title)
