"""A teacher's courses, in long lists; who teaches courses at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, func, or_, select

from lti_tool.contexts.models import Context
from lti_tool.core.db import db
from lti_tool.core.paging import Page, paged
from lti_tool.courses.models import ARCHIVED, CourseTeacher, Participation, SharedCourse
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration

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


def course_teachers() -> list[tuple[int, str, int]]:
    """(identity id, organization, number of courses) of everybody who teaches a course at its host."""
    statement = (
        select(Identity.id, Organization.name, func.count(CourseTeacher.id))
        .join(CourseTeacher, CourseTeacher.identity_id == Identity.id)
        .join(Identity.registration)
        .join(Registration.organization)
        .group_by(Identity.id, Organization.name)
        .order_by(Organization.name, Identity.id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


def likely_teacher(host: str) -> Identity | None:
    """Whoever teaches the newest course of the organization of this name, else of the only one with courses."""
    statement = (
        select(Identity, Organization.name)
        .join(CourseTeacher, CourseTeacher.identity_id == Identity.id)
        .join(Identity.registration)
        .join(Registration.organization)
        .order_by(CourseTeacher.course_id.desc(), CourseTeacher.id)
    )
    found = [(row[0], row[1]) for row in db.session.execute(statement)]
    names = {name for _identity, name in found}
    wanted = host if host in names else next(iter(names)) if len(names) == 1 else None
    return next((identity for identity, name in found if name == wanted), None)
