"""Requests for seats: what waits for whom, and what became of one's own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from lti_tool.contexts.models import TEACHER, Context
from lti_tool.core.db import db
from lti_tool.courses.access import launched_contexts
from lti_tool.courses.models import CourseTeacher, SharedCourse
from lti_tool.courses.seats.models import APPROVED, OPEN, REQUESTED, SeatRequest
from lti_tool.people.actor import Actor
from lti_tool.platforms.models import Registration


def waiting_for_home(organization_id: int) -> Select[tuple[SeatRequest]]:
    """Requests of the school's teachers that its coordinator has to answer, the longest wait first."""
    return (
        _requests()
        .join(Registration, Registration.id == Context.registration_id)
        .where(Registration.organization_id == organization_id, SeatRequest.state == REQUESTED)
    )


def waiting_for_host(organization_id: int) -> Select[tuple[SeatRequest]]:
    """Requests to all courses of the organization that the host has to answer."""
    hosted = select(SharedCourse.id).where(SharedCourse.organization_id == organization_id)
    return _requests().where(SeatRequest.course_id.in_(hosted), SeatRequest.state == APPROVED)


def waiting_for_teacher(actor: Actor) -> Select[tuple[SeatRequest]]:
    """Requests to the courses the actor teaches at the host."""
    own = select(CourseTeacher.course_id).where(CourseTeacher.identity_id == actor.identity_id)
    return _requests().where(SeatRequest.course_id.in_(own), SeatRequest.state == APPROVED)


def own_requests(actor: Actor) -> Select[tuple[SeatRequest]]:
    """Requests for the classes the actor entered as a teacher, the newest first."""
    mine = _requests().where(
        SeatRequest.context_id.in_(launched_contexts(actor, TEACHER)), Context.registration_id == actor.registration_id
    )
    return mine.order_by(None).order_by(SeatRequest.id.desc())


def count_waiting(organization_id: int) -> tuple[int, int]:
    """(requests for the coordinator as the home side, as the host); one statement."""

    def count(statement: Select[Any]) -> Any:
        return select(func.count()).select_from(statement.order_by(None).subquery()).scalar_subquery()

    home, host = count(waiting_for_home(organization_id)), count(waiting_for_host(organization_id))
    row = db.session.execute(select(home, host)).one()
    return row[0], row[1]


def open_requests(course_id: int) -> list[SeatRequest]:
    """Of one course, those the host still waits for too."""
    statement = _requests().where(SeatRequest.course_id == course_id, SeatRequest.state.in_(OPEN))
    return list(db.session.scalars(statement).unique())


def newest_request(course_id: int, context_id: int) -> SeatRequest | None:
    """What was last asked for a class."""
    key = (SeatRequest.course_id == course_id, SeatRequest.context_id == context_id)
    return db.session.scalar(select(SeatRequest).where(*key).order_by(SeatRequest.id.desc()).limit(1))


def requests_here(context_id: int) -> list[SeatRequest]:
    """Those of one class that wait for an answer."""
    statement = _requests().where(SeatRequest.context_id == context_id, SeatRequest.state.in_(OPEN))
    return list(db.session.scalars(statement).unique())


def _requests() -> Select[tuple[SeatRequest]]:
    return (
        select(SeatRequest)
        .join(Context, Context.id == SeatRequest.context_id)
        .order_by(SeatRequest.created_at, SeatRequest.id)
    )
