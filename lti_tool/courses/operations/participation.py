"""What becomes of a class in a course: it takes part, shows names, leaves. How it gets in: seats/operations/joining.py."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.contexts.operations import request_roster
from lti_tool.core import audit
from lti_tool.core.db import db
from lti_tool.core.errors import Conflict
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
from lti_tool.courses.seats.operations.settling import settle
from lti_tool.people.actor import Actor


def may_bring(actor: Actor, course: SharedCourse) -> bool:
    """Own courses in any state; others while they are published and offered to the actor's organization."""
    if hosts(actor, course):
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
        participation.state, participation.seats, participation.held = CLOSED, None, 0
        audit.record(actor, "leave", "participation", participation.id, course=participation.course_id)
        db.session.flush()
        settle(participation.course_id)


def take_part(
    *, actor: Actor | None, context_id: int, course: SharedCourse, joined_by_id: int, full_names: bool
) -> Participation:
    """The class takes part from now on. Whether it may is decided by the caller."""
    statement = select(Participation).where(
        Participation.course_id == course.id, Participation.context_id == context_id
    )
    participation = db.session.scalar(statement.with_for_update(of=Participation))
    if course.state == ARCHIVED and (participation is None or participation.state != ACTIVE):
        raise Conflict(_("The course is archived, so no class can join it any more."))
    if participation is None:
        participation = Participation(
            course_id=course.id, context_id=context_id, joined_by_id=joined_by_id, full_names=full_names, held=0
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


def hosts(actor: Actor, course: SharedCourse) -> bool:
    """Does the actor teach the course at its host?"""
    statement = select(CourseTeacher.id).where(
        CourseTeacher.course_id == course.id, CourseTeacher.identity_id == actor.identity_id
    )
    return actor.identity_id is not None and db.session.scalar(statement) is not None
