"""Who the pupils of a course are, and which participation each of them counts for.

A pupil is a learner of a context that takes part, from the roster or from a launch. A pupil of two such contexts
counts once: where the first work or grade belongs, else where the class joined first. Someone who left keeps a place,
marked as not active, as long as there is work or a grade. In a course with seat rules only who has a seat is a pupil.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, exists, func, literal, or_, select, union_all

from lti_tool.contexts.models import LEARNER, TEACHER, Context, Membership
from lti_tool.core.db import db
from lti_tool.courses.models import ACTIVE, Activity, Grade, Participation, Submission
from lti_tool.courses.seats.models import SEATED, Offering, Seat
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration


@dataclass(frozen=True)
class Pupil:
    """A pupil of a course."""

    identity: Identity
    participation: Participation
    active: bool
    """False: suspended at home, or the class has left; the work is kept."""

    @property
    def school_name(self) -> str:
        return self.identity.registration.organization.name


def is_learner() -> Any:
    """SQL: a membership that comes to pupil. Whoever teaches by either account does not."""
    launch, roster = Membership.launch_role, Membership.roster_role
    teaches = or_(func.coalesce(launch, "") == TEACHER, func.coalesce(roster, "") == TEACHER)
    return and_(~teaches, or_(launch == LEARNER, roster == LEARNER))


def has_place() -> Any:
    """SQL: of a Membership beside its Participation: the course has no seat rules, or the person has a seat."""
    rules = exists().where(Offering.course_id == Participation.course_id, Offering.limited.is_(True))
    seat = exists().where(
        Seat.course_id == Participation.course_id, Seat.identity_id == Membership.identity_id, Seat.state == SEATED
    )
    return or_(~rules, seat)


def pupil_places(course_id: int, participation_ids: Collection[int] | None = None) -> Subquery:
    """SQL: one row a pupil with identity_id, participation_id and active (0 or 1).

    With `participation_ids` only pupils who belong to one of these.
    """
    members = (
        select(
            Membership.identity_id.label("identity_id"),
            Participation.id.label("participation_id"),
            case((Membership.status == "active", 1), else_=0).label("active"),
            literal(1).label("by_membership"),
        )
        .join(Participation, Participation.context_id == Membership.context_id)
        .where(Participation.course_id == course_id, Participation.state == ACTIVE)
        .where(is_learner(), has_place())
    )
    parts = [members, _with(Submission, course_id).where(Submission.handed_in_at.is_not(None)), _with(Grade, course_id)]
    if participation_ids is not None:
        columns = (Participation.id, Submission.participation_id, Grade.participation_id)
        parts = [part.where(column.in_(participation_ids)) for part, column in zip(parts, columns, strict=True)]
    rows = union_all(*parts).subquery()
    by_work = func.min(case((rows.c.by_membership == 0, rows.c.participation_id)))
    return (
        select(
            rows.c.identity_id,
            func.coalesce(by_work, func.min(rows.c.participation_id)).label("participation_id"),
            func.max(rows.c.active).label("active"),
        )
        .group_by(rows.c.identity_id)
        .subquery("places")
    )


def _with(model: Any, course_id: int) -> Select[Any]:
    return (
        select(model.identity_id, model.participation_id, literal(0).label("active"), literal(0).label("by_membership"))
        .join(Activity, Activity.id == model.activity_id)
        .where(Activity.course_id == course_id)
    )


def select_pupils(places: Subquery) -> Select[Any]:
    """SQL: Identity, Participation, active of every place, ordered by school, class and family name."""
    return (
        select(Identity, Participation, places.c.active)
        .join(places, places.c.identity_id == Identity.id)
        .join(Participation, Participation.id == places.c.participation_id)
        .join(Identity.registration)
        .join(Registration.organization)
        .join(Participation.context)
        .order_by(Organization.name, Context.title, Participation.id, *by_name(), Identity.id)
    )


def by_name() -> tuple[Any, ...]:
    return func.lower(Identity.family_name), func.lower(Identity.given_name)


def find_pupil(course_id: int, identity_id: int) -> Pupil | None:
    """This pupil of the course; None when the person is none."""
    places = pupil_places(course_id)
    row = db.session.execute(select_pupils(places).where(Identity.id == identity_id)).first()
    return None if row is None else Pupil(row[0], row[1], bool(row[2]))
