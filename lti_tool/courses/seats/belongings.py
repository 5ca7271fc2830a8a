"""What these rooms hold about a person: places and the line for them, groups, teaching along."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lti_tool.courses.groups.models import Group, Grouping, GroupMember
from lti_tool.courses.models import SharedCourse
from lti_tool.courses.seats.models import Seat, SeatRequest
from lti_tool.courses.staff.models import CourseTutor
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import holds, mentions

_COURSE, _SINCE, _STATE = _l("Course"), _l("Since"), _l("State")


def register() -> None:
    """Tell what is held."""
    _places()
    _groups()
    _teaching_along()


def _places() -> None:
    course = select(SharedCourse.title).where(SharedCourse.id == Seat.course_id).scalar_subquery().label("course")
    holds(
        Seat.identity_id,
        _l("Places in courses, and in the waiting list"),
        told=select(course, Seat.state, Seat.since, Seat.reason),
        words={"course": _COURSE, "state": _STATE, "since": _SINCE, "reason": _l("Reason")},
    )
    mentions(SeatRequest.asked_by_id, _l("Seats the person asked for"), ACTS)


def _groups() -> None:
    grouping = select(Grouping.title).where(Grouping.id == GroupMember.grouping_id).scalar_subquery().label("grouping")
    group = select(Group.title).where(Group.id == GroupMember.group_id).scalar_subquery().label("group")
    holds(
        GroupMember.identity_id,
        _l("Groups in shared courses"),
        told=select(grouping, group, GroupMember.created_at),
        words={"grouping": _l("Set of groups"), "group": _l("Group"), "created_at": _SINCE},
    )


def _teaching_along() -> None:
    course = select(SharedCourse.title).where(SharedCourse.id == CourseTutor.course_id).scalar_subquery()
    holds(
        CourseTutor.identity_id,
        _l("Courses the person teaches along, and invitations"),
        told=select(course.label("course"), CourseTutor.level, CourseTutor.state, CourseTutor.created_at),
        words={"course": _COURSE, "level": _l("Right"), "state": _STATE, "created_at": _SINCE},
    )
