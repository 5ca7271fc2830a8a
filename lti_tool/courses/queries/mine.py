"""A teacher's courses, in long lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, func, or_, select

from lti_tool.contexts.models import Context
from lti_tool.core.paging import Page, paged
from lti_tool.courses.models import ARCHIVED, CourseTeacher, Participation, SharedCourse
from lti_tool.people.actor import Actor

OWN, JOINED, ARCHIVE = "own", "joined", "archived"
TABS = (OWN, JOINED, ARCHIVE)


def my_courses(actor: Actor, tab: str, search: str, number: int, address: Callable[[int], str]) -> Page[SharedCourse]:
    """Courses the actor writes, those the own classes take part in, or those of both that are over. Two statements."""
    own = SharedCourse.id.in_(select(CourseTeacher.course_id).where(CourseTeacher.identity_id == actor.identity_id))
    joined = SharedCourse.id.in_(_joined(actor))
    over = SharedCourse.state == ARCHIVED
    wanted: dict[str, Any] = {
        OWN: and_(own, ~over),
        JOINED: and_(joined, ~own, ~over),
        ARCHIVE: and_(or_(own, joined), over),
    }
    words = [func.lower(SharedCourse.title).contains(word, autoescape=True) for word in search.lower().split()]
    statement = select(SharedCourse).where(wanted[tab], *words)
    return paged(statement.order_by(func.lower(SharedCourse.title), SharedCourse.id), number, address)


def _joined(actor: Actor) -> Any:
    """In contexts the actor entered as a teacher in this session: elsewhere a course would not open."""
    taught = [context_id for context_id in actor.roles if actor.is_teacher(context_id)]
    return (
        select(Participation.course_id)
        .join(Context, Context.id == Participation.context_id)
        .where(Participation.context_id.in_(taught), Context.registration_id == actor.registration_id)
    )
