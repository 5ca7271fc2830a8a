"""Who a course is open to, and what happens to its classes when an agreement ends."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import exists, select, update

from lti_tool.agreements.models import Agreement, Party
from lti_tool.agreements.queries import holds, partners_of, today
from lti_tool.contexts.models import Context
from lti_tool.core import audit
from lti_tool.core.db import db, execute
from lti_tool.core.errors import Invalid
from lti_tool.courses.models import (
    ACTIVE,
    CLOSE,
    CLOSED,
    FINISH,
    HUB,
    PARTNERS,
    VISIBILITIES,
    Participation,
    SharedCourse,
)
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.platforms.models import Registration


def set_visibility(*, actor: Actor, course: SharedCourse, visibility: str) -> None:
    """Open the course to fewer or more. Raises Invalid when classes take part that would have to leave."""
    if visibility not in VISIBILITIES:
        raise Invalid({"visibility": _("Choose one.")})
    if visibility == course.visibility:
        return
    outside = _outside(course, visibility)
    if outside:
        raise Invalid(
            {
                "visibility": _(
                    "Classes of these organizations take part: %(names)s. Make an agreement with them first, or let them leave.",
                    names=", ".join(outside),
                )
            }
        )
    course.visibility = visibility
    audit.record(actor, "visibility", "course", course.id, visibility=visibility)


def _outside(course: SharedCourse, visibility: str) -> list[str]:
    """Organizations that take part and would be outside."""
    if visibility == HUB:
        return []
    statement = (
        select(Organization.name)
        .join(Registration, Registration.organization_id == Organization.id)
        .join(Context, Context.registration_id == Registration.id)
        .join(Participation, Participation.context_id == Context.id)
        .where(Participation.course_id == course.id, Participation.state == ACTIVE)
        .where(Organization.id != course.organization_id)
        .distinct()
        .order_by(Organization.name)
    )
    if visibility == PARTNERS:
        statement = statement.where(Organization.id.not_in(partners_of(course.organization_id)))
    return list(db.session.scalars(statement))


def decide_after(*, actor: Actor, participation: Participation, decision: str) -> None:
    """What happens to a class when the agreement ends: its pupils finish, or it closes with the last day."""
    if decision not in (FINISH, CLOSE):
        raise Invalid({"decision": _("Choose one.")})
    if participation.after_agreement != decision:
        participation.after_agreement = decision
        audit.record(actor, "after_agreement", "participation", participation.id, decision=decision)


def close_after_agreements() -> int:
    """Close the classes for which that was decided and whose agreement is over; returns how many."""
    host, home = Party.__table__.alias("host_party"), Party.__table__.alias("home_party")
    covered = (
        exists()
        .where(Agreement.id == host.c.agreement_id, host.c.agreement_id == home.c.agreement_id)
        .where(host.c.organization_id == SharedCourse.organization_id)
        .where(home.c.organization_id == Registration.organization_id, holds(today()))
    )
    over = (
        select(Participation.id)
        .join(SharedCourse, SharedCourse.id == Participation.course_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Participation.state == ACTIVE, Participation.after_agreement == CLOSE)
        .where(SharedCourse.visibility == PARTNERS, SharedCourse.organization_id != Registration.organization_id)
        .where(~covered)
    )
    closed = list(db.session.scalars(over))
    if closed:
        statement = update(Participation).where(Participation.id.in_(closed)).values(state=CLOSED)
        execute(statement.execution_options(synchronize_session=False))
    for ident in closed:
        audit.record(None, "close_after_agreement", "participation", ident)
    return len(closed)
