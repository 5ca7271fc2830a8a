"""Who teaches a course, and who could be invited."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from lti_tool.contexts.models import TEACHER, Context, Membership
from lti_tool.core.db import db
from lti_tool.courses.models import ACTIVE, CourseTeacher, Participation, SharedCourse
from lti_tool.courses.staff.models import ACCEPTED, INVITED, CourseTutor
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration

CANDIDATES = 200
"""Teachers offered for an invitation; more than take part in one course."""


def teachers(course_id: int) -> Sequence[Identity]:
    """Who edits the course and grades everyone."""
    own = select(CourseTeacher.identity_id).where(CourseTeacher.course_id == course_id)
    return db.session.scalars(select(Identity).where(Identity.id.in_(own)).order_by(Identity.id)).unique().all()


def tutors(course_id: int) -> Sequence[CourseTutor]:
    """Everybody who was invited and neither declined nor was removed."""
    statement = select(CourseTutor).where(
        CourseTutor.course_id == course_id, CourseTutor.state.in_((INVITED, ACCEPTED))
    )
    return db.session.scalars(statement.order_by(CourseTutor.id)).unique().all()


def candidates(course: SharedCourse) -> Sequence[Identity]:
    """Teachers who came in through an LMS course that takes part, or from an LMS of the host; not yet in the course."""
    taking = select(Participation.context_id).where(Participation.course_id == course.id, Participation.state == ACTIVE)
    came = and_(Membership.launch_role == TEACHER, Membership.status == "active")
    own = Registration.organization_id == course.organization_id
    entered = (
        select(Membership.identity_id)
        .join(Context, Context.id == Membership.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(came, or_(Membership.context_id.in_(taking), own))
    )
    teaching = select(CourseTeacher.identity_id).where(CourseTeacher.course_id == course.id)
    invited = select(CourseTutor.identity_id).where(
        CourseTutor.course_id == course.id, CourseTutor.state.in_((INVITED, ACCEPTED))
    )
    statement = (
        select(Identity)
        .join(Identity.registration)
        .join(Registration.organization)
        .where(Identity.id.in_(entered), Identity.id.not_in(teaching), Identity.id.not_in(invited))
        .order_by(Organization.name, Identity.family_name, Identity.id)
        .limit(CANDIDATES)
    )
    return db.session.scalars(statement).unique().all()


def own_tutoring(actor: Actor) -> Sequence[CourseTutor]:
    """Courses the actor is invited to, or tutors."""
    if actor.identity_id is None or not actor.is_teacher():
        return []
    statement = select(CourseTutor).where(
        CourseTutor.identity_id == actor.identity_id, CourseTutor.state.in_((INVITED, ACCEPTED))
    )
    return db.session.scalars(statement.order_by(CourseTutor.id)).unique().all()
