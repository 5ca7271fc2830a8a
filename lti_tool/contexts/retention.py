"""How long this feature keeps who was in which LMS course, and people whom nothing connects with a course any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, exists, func, or_, select

from lti_tool.contexts.models import Context, Membership, MembershipEvent
from lti_tool.core.db import run
from lti_tool.people.belongings.operations import erase_person
from lti_tool.people.belongings.queries import subject_of
from lti_tool.people.models import CONFIRMED, Coordinator, Identity
from lti_tool.people.retention.registry import Period, keep
from lti_tool.platforms.models import Registration

MEMBERSHIPS = Period(
    "memberships",
    _l("Who was in an LMS course: people who left, and whole courses that nobody opens"),
    _l("since the person left, or the course was opened last"),
    days=730,
    least=90,
)
HISTORY = Period("roster_history", _l("Changes in lists of participants"), _l("since the change"), days=730, least=30)
PEOPLE = Period(
    "people",
    _l("People who are in no LMS course any more, with all that is about them"),
    _l("since they came in last, or were named first"),
    days=1095,
    least=180,
)


def register() -> None:
    """Tell what is kept and for how long."""
    keep(HISTORY, MembershipEvent, _old_changes)
    keep(MEMBERSHIPS, Membership, _old_memberships)
    keep(PEOPLE, Identity, _forgotten, _erase)


def _old_changes(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    statement = select(MembershipEvent.id).where(MembershipEvent.at < before).order_by(MembershipEvent.id)
    if organization_id is None:
        return statement
    return statement.where(MembershipEvent.context_id.in_(_contexts(organization_id)))


def _old_memberships(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    left = and_(Membership.status != "active", Membership.left_at < before)
    quiet = func.coalesce(Context.last_launch_at, Context.created_at) < before
    statement = select(Membership.id).join(Context, Context.id == Membership.context_id).where(or_(left, quiet))
    if organization_id is not None:
        statement = statement.where(Membership.context_id.in_(_contexts(organization_id)))
    return statement.order_by(Membership.id)


def _forgotten(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    statement = select(Identity.id).where(
        Identity.erased_at.is_(None),
        func.coalesce(Identity.last_seen_at, Identity.created_at) < before,
        ~exists().where(Membership.identity_id == Identity.id),
        ~exists().where(Coordinator.person_id == Identity.person_id, Coordinator.state == CONFIRMED),
    )
    if organization_id is not None:
        registrations = select(Registration.id).where(Registration.organization_id == organization_id)
        statement = statement.where(Identity.registration_id.in_(registrations))
    return statement.order_by(Identity.id)


def _erase(idents: Sequence[int]) -> None:
    known = select(Identity.person_id, Registration.organization_id).join(
        Registration, Registration.id == Identity.registration_id
    )
    for person_id, organization_id in run(known.where(Identity.id.in_(idents)).distinct()).all():
        subject = subject_of(person_id, organization_id)
        if subject is not None:
            erase_person(actor=None, subject=subject)


def _contexts(organization_id: int) -> Select[tuple[int]]:
    statement = select(Context.id).join(Registration, Registration.id == Context.registration_id)
    return statement.where(Registration.organization_id == organization_id)
