"""Screens of a discussion: its page with the threads, and what one pupil wrote, for who grades."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response, request, url_for

from lti_tool.core.db import as_key
from lti_tool.core.errors import NotFound
from lti_tool.core.paging import paged
from lti_tool.core.policy import allows
from lti_tool.courses.access import ActivityAccess, WorkAccess
from lti_tool.courses.discussing.places import is_pupil, place_for, sees_group
from lti_tool.courses.discussing.queries import group_for, group_lines
from lti_tool.courses.discussing.settings import kept
from lti_tool.courses.groups.models import Group
from lti_tool.courses.groups.queries import group_of, grouping_of, groups_of
from lti_tool.courses.queries.courses import state_of
from lti_tool.courses.queries.gradebook import delivery_of
from lti_tool.courses.queries.work import Work, own_work
from lti_tool.courses.views.base import actor, page, page_number
from lti_tool.discussions.models import SHOWN, Post
from lti_tool.discussions.policy import Spot
from lti_tool.discussions.queries import forum_of, posts_by, written_below
from lti_tool.discussions.views.base import author_of
from lti_tool.discussions.views.reading import listing
from lti_tool.discussions.wording import WAITED


def show(access: ActivityAccess) -> Response:
    """What is talked about, and the threads: of all, or of a group where each has its own."""
    activity = access.the_activity
    shown: dict[str, Any] = {"access": access, "course": access.course, "activity": activity, "groups": None}
    grouping, group = grouping_of(activity.id), None
    if grouping is not None:
        group = _group(access)
        if not is_pupil(access):
            shown["groups"] = group_lines(activity, groups_of(grouping), person_id=actor().person_id)
    if grouping is None or group is not None:
        shown |= _threads(access, group)
    if is_pupil(access):
        shown |= _own(access)
    return page(
        "discussing/show",
        settings=kept(activity),
        in_groups=grouping is not None,
        group=group,
        can_review=allows(actor(), "course.see_works", access),
        **shown,
    )


def _group(access: ActivityAccess) -> Group | None:
    """The pupil's own; for a teacher the one asked for. Raises NotFound for one that is not theirs to see."""
    asked = request.args.get("group", type=as_key)
    if asked is None:
        return group_of(access.the_activity.id, actor().identity_id or 0) if is_pupil(access) else None
    group = group_for(access.the_activity.id, asked)
    if group is None or not sees_group(actor(), access, group):
        raise NotFound
    return group


def _threads(access: ActivityAccess, group: Group | None) -> dict[str, Any]:
    place = place_for(actor(), access, group)
    spot = Spot(place, forum_of(place.name))
    chosen = group.id if group else None
    return listing(
        spot, lambda number: url_for("courses.activity", activity_id=access.the_activity.id, group=chosen, page=number)
    )


def _own(access: ActivityAccess) -> dict[str, Any]:
    """How much the pupil has written, and what it was given."""
    activity, identity_id = access.the_activity, actor().identity_id or 0
    submission, grade = own_work(activity, identity_id)
    written = written_below(activity.resource_id, [identity_id]).get(identity_id, ())
    return {
        "state": state_of(submission, grade),
        "submission": submission,
        "written": sum(state == SHOWN for _moment, state in written),
        "grade": grade,
        "delivery": delivery_of(grade, activity) if grade else None,
    }


def review(access: WorkAccess, work: Work) -> Mapping[str, Any]:
    """Everything the pupil wrote, for a teacher; what waits or was hidden only for who moderates."""
    identity_id = access.the_pupil.identity.id
    statement = posts_by(identity_id, access.the_activity.resource_id)
    place = place_for(actor(), access)
    address = partial(_work_page, access.the_activity.id, identity_id)
    if not place.moderates:
        statement = statement.where(Post.state == SHOWN)
    posts = paged(statement, page_number(), address)
    return {
        "posts": posts,
        "place": place,
        "author_of": author_of,
        "waited": WAITED,
        "graded_at": work.grade.graded_at if work.grade else None,
        "settings": kept(access.the_activity),
    }


def _work_page(activity_id: int, identity_id: int, number: int) -> str:
    return url_for("courses.work", activity_id=activity_id, identity_id=identity_id, page=number)
