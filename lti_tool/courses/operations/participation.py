"""How a course comes into a school's LMS course, and how it leaves again."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.contexts.operations import request_roster
from lti_tool.core import audit
from lti_tool.core.db import db
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.courses.models import (
    ACTIVE,
    ARCHIVED,
    CLOSED,
    PUBLISHED,
    CourseOffer,
    CourseTeacher,
    Participation,
    SharedCourse,
)
from lti_tool.courses.partners import require_partner
from lti_tool.people.actor import Actor

LOOKALIKES = str.maketrans("АВЕКМНРСТХУ", "ABEKMHPCTXY")
"""A code typed on a Russian keyboard."""


def read_code(typed: str) -> str:
    """The code as it is stored: capitals, no spaces or dashes, Cyrillic lookalikes made Latin."""
    return "".join(sign for sign in typed.upper().translate(LOOKALIKES) if sign.isalnum())


def join_by_code(*, actor: Actor, context_id: int, code: str, full_names: bool = False) -> Participation:
    """Bring the course with this code into the context. Raises Invalid when no open course has it."""
    course = db.session.scalar(select(SharedCourse).where(SharedCourse.join_code == read_code(code)))
    if course is None or (course.state != PUBLISHED and not _hosts(actor, course)):
        raise Invalid({"code": _("No open course has this code. Ask the host for the newest one.")})
    require_partner(course, actor.organization_id)
    return _join(actor, context_id, course, full_names=full_names)


def join_offered(*, actor: Actor, context_id: int, course_id: int, full_names: bool = False) -> Participation:
    """Bring in a course that is the actor's own or offered to her organization. Raises NotFound for any other."""
    course = db.session.get(SharedCourse, course_id)
    if course is None or not may_bring(actor, course):
        raise NotFound
    require_partner(course, actor.organization_id)
    return _join(actor, context_id, course, full_names=full_names)


def may_bring(actor: Actor, course: SharedCourse) -> bool:
    """Own courses in any state; others while they are published and offered to the actor's organization."""
    if _hosts(actor, course):
        return True
    statement = select(CourseOffer.id).where(
        CourseOffer.course_id == course.id, CourseOffer.organization_id == actor.organization_id
    )
    return course.state == PUBLISHED and db.session.scalar(statement) is not None


def set_full_names(*, actor: Actor, participation: Participation, shown: bool) -> None:
    """Decide whether the host's teachers see the full names of this class."""
    if participation.full_names != shown:
        participation.full_names = shown
        audit.record(actor, "full_names", "participation", participation.id, shown=shown)


def leave(*, actor: Actor, participation: Participation) -> None:
    """End the class's part in the course. Work and grades are kept, and joining again brings all back."""
    if participation.state == ACTIVE:
        participation.state = CLOSED
        audit.record(actor, "leave", "participation", participation.id, course=participation.course_id)


def join_again(*, actor: Actor, participation: Participation) -> None:
    """Take part again after leaving. Raises Conflict when the course is no longer offered to the school."""
    if participation.state == CLOSED and not may_bring(actor, participation.course):
        raise Conflict(
            _("The course is not offered to your school at the moment."),
            _("Ask the host for a join code and join with it."),
        )
    if participation.state == CLOSED:
        require_partner(participation.course, actor.organization_id)
    _join(actor, participation.context_id, participation.course, full_names=participation.full_names)


def _join(actor: Actor, context_id: int, course: SharedCourse, *, full_names: bool) -> Participation:
    statement = select(Participation).where(
        Participation.course_id == course.id, Participation.context_id == context_id
    )
    participation = db.session.scalar(statement.with_for_update(of=Participation))
    if course.state == ARCHIVED and (participation is None or participation.state != ACTIVE):
        raise Conflict(_("The course is archived, so no class can join it any more."))
    if participation is None:
        assert actor.identity_id is not None
        participation = Participation(
            course_id=course.id, context_id=context_id, joined_by_id=actor.identity_id, full_names=full_names
        )
        db.session.add(participation)
    elif participation.state == ACTIVE:
        return participation
    else:
        participation.state, participation.full_names = ACTIVE, full_names
    db.session.flush()
    request_roster(context_id)
    audit.record(actor, "join", "participation", participation.id, course=course.id, context=context_id)
    return participation


def _hosts(actor: Actor, course: SharedCourse) -> bool:
    statement = select(CourseTeacher.id).where(
        CourseTeacher.course_id == course.id, CourseTeacher.identity_id == actor.identity_id
    )
    return actor.identity_id is not None and db.session.scalar(statement) is not None
