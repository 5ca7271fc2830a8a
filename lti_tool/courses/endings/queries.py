"""Classes that rest on an agreement which ends soon, and whom to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, Subquery, func, or_, select
from sqlalchemy.orm import aliased

from lti_tool.agreements.models import Agreement, Party
from lti_tool.agreements.queries import ENDS_SOON, holds, today
from lti_tool.contexts.models import TEACHER, Context, Membership
from lti_tool.core.db import db
from lti_tool.courses.models import ACTIVE, PARTNERS, CourseTeacher, Participation, SharedCourse
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import ACTIVE as COMES_IN
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import CONFIRMED, Coordinator, Identity, Person
from lti_tool.platforms.models import Registration

SHOWN = 50
"""Courses of one teacher."""


@dataclass(frozen=True)
class Ending:
    """A course that a class of another organization takes under an agreement that ends soon."""

    course_id: int
    title: str
    partner: str
    last_day: date


def endings_for(actor: Actor) -> list[Ending]:
    """Courses that the actor teaches, as host or with an own class, the next end first; one statement."""
    classes = _classes()
    home = [context_id for context_id, role in actor.roles.items() if role == TEACHER]
    hosted = select(CourseTeacher.course_id).where(CourseTeacher.identity_id == actor.identity_id)
    mine = or_(classes.c.context_id.in_(home), classes.c.course_id.in_(hosted))
    partner = aliased(Organization)
    statement = (
        select(classes.c.course_id, SharedCourse.title, partner.name, classes.c.last_day)
        .join(SharedCourse, SharedCourse.id == classes.c.course_id)
        .join(partner, partner.id.in_((classes.c.host_id, classes.c.home_id)))
        .where(mine, partner.id != actor.organization_id)
        .distinct()
        .order_by(classes.c.last_day, SharedCourse.title)
        .limit(SHOWN)
    )
    return [Ending(*row) for row in db.session.execute(statement)] if actor.is_teacher() else []


def _classes() -> Subquery:
    """SQL: every class of a partner, with the day after which no agreement covers it, where that day is near."""
    host, home = aliased(Party), aliased(Party)
    last = func.max(Agreement.ends_on)
    return (
        select(
            Participation.context_id,
            Participation.course_id,
            host.organization_id.label("host_id"),
            home.organization_id.label("home_id"),
            last.label("last_day"),
        )
        .join(SharedCourse, SharedCourse.id == Participation.course_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .join(host, host.organization_id == SharedCourse.organization_id)
        .join(home, home.organization_id == Registration.organization_id)
        .join(Agreement, Agreement.id == host.agreement_id)
        .where(home.agreement_id == host.agreement_id, home.organization_id != host.organization_id)
        .where(Participation.state == ACTIVE, SharedCourse.visibility == PARTNERS, holds(today()))
        .group_by(Participation.context_id, Participation.course_id, host.organization_id, home.organization_id)
        .having(last <= today() + ENDS_SOON)
        .subquery()
    )


def readers() -> list[Select[Any]]:
    """SQL: (agreement, last day, person, address, language) of everybody to tell; each person may come several times."""
    soon = (holds(today()), Agreement.ends_on <= today() + ENDS_SOON)
    columns = (Agreement.id, Agreement.ends_on)
    language = func.coalesce(Person.locale, Organization.locale)
    office = (
        select(*columns)
        .join(Party, Party.agreement_id == Agreement.id)
        .join(Organization, Organization.id == Party.organization_id)
        .join(Coordinator, Coordinator.organization_id == Organization.id)
        .join(Person, Person.id == Coordinator.person_id)
        .where(Coordinator.state == CONFIRMED, *soon)
    )
    from_lms = office.join(Identity, Identity.person_id == Person.id).join(
        Registration, Registration.id == Identity.registration_id
    )
    invited = office.join(Guest, Guest.person_id == Person.id).where(Guest.organization_id == Organization.id)
    return [
        from_lms.where(Registration.organization_id == Organization.id, Identity.email != "").add_columns(
            Person.id, Identity.email, language
        ),
        invited.where(Guest.state == COMES_IN, Guest.email.is_not(None)).add_columns(Person.id, Guest.email, language),
        *(_teachers(soon, columns, language, whose) for whose in ("host_id", "home_id")),
    ]


def _teachers(soon: tuple[Any, ...], columns: tuple[Any, ...], language: Any, whose: str) -> Select[Any]:
    classes = _classes()
    host, home = aliased(Party), aliased(Party)
    statement = (
        select(*columns)
        .join(host, host.agreement_id == Agreement.id)
        .join(home, home.agreement_id == Agreement.id)
        .join(classes, (classes.c.host_id == host.organization_id) & (classes.c.home_id == home.organization_id))
        .join(Organization, Organization.id == classes.c[whose])
        .where(classes.c.last_day == Agreement.ends_on, *soon)
    )
    if whose == "host_id":
        statement = statement.join(CourseTeacher, CourseTeacher.course_id == classes.c.course_id)
        statement = statement.join(Identity, Identity.id == CourseTeacher.identity_id)
    else:
        role = func.coalesce(Membership.roster_role, Membership.launch_role)
        statement = statement.join(Membership, Membership.context_id == classes.c.context_id)
        statement = statement.join(Identity, Identity.id == Membership.identity_id)
        statement = statement.where(role == TEACHER, Membership.status == "active")
    statement = statement.join(Person, Person.id == Identity.person_id).where(Identity.email != "")
    return statement.add_columns(Person.id, Identity.email, language)


def parties_of(agreement_id: int) -> list[str]:
    """Names of an agreement's parties."""
    statement = select(Organization.name).join(Party, Party.organization_id == Organization.id)
    return list(db.session.scalars(statement.where(Party.agreement_id == agreement_id).order_by(Party.id)))
