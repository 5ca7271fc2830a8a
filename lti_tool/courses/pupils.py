"""Who the pupils of a course are, and which participation each of them counts for.

A pupil is a learner of a context that takes part, from the roster or from a launch. A pupil of two such contexts
counts once: where the first work or grade belongs, else where the class joined first. Someone who left keeps a place,
marked as not active, as long as there is work or a grade. In a course with seat rules only who has a seat is a pupil.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, exists, func, literal, or_, select, union_all

from lti_tool.contexts.models import LEARNER, TEACHER, Context, Membership
from lti_tool.core.db import db
from lti_tool.courses.models import ACTIVE, Grade, Participation, Submission
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


def pupil_places(
    course_id: int, participation_ids: Collection[int] | None = None, *, identity_id: int | None = None
) -> Subquery:
    """SQL: one row a pupil with identity_id, participation_id and active (0 or 1).

    With `participation_ids` only pupils who belong to one of these; with `identity_id` only this person.
    """
    classes = [Participation.course_id == course_id]
    if participation_ids is not None:
        classes.append(Participation.id.in_(participation_ids))
    members = (
        select(
            Membership.identity_id,
            Participation.id.label("participation_id"),
            case((func.coalesce(Membership.status, "") == "inactive", 0), else_=1).label("active"),
            literal(1).label("by_membership"),
        )
        .join(Participation, Participation.context_id == Membership.context_id)
        .where(*classes, Participation.state == ACTIVE, is_learner(), has_place())
    )
    handed_in = Submission.handed_in_at.is_not(None)
    if identity_id is None:
        parts = [members, _everybody_with(Submission, classes, handed_in), _everybody_with(Grade, classes)]
    else:
        parts = [members.where(Membership.identity_id == identity_id)]
        parts += [_with(Submission, classes, identity_id).where(handed_in), _with(Grade, classes, identity_id)]
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


def _with(model: Any, classes: Sequence[Any], identity_id: int) -> Select[Any]:
    """This person, for each thing done or graded."""
    chosen = select(Participation.id).where(*classes)
    none = literal(0)
    statement = select(model.identity_id, model.participation_id, none.label("active"), none.label("by_membership"))
    return statement.where(model.identity_id == identity_id, model.participation_id.in_(chosen))


def _everybody_with(model: Any, classes: Sequence[Any], *so: Any) -> Select[Any]:
    """Whoever did something or was graded, once. An index leads from each to the next, whatever they have done."""

    def next_in(participation: Any, *beyond: Any) -> Any:
        first = select(func.min(model.identity_id)).where(model.participation_id == participation, *so, *beyond)
        return first.scalar_subquery()

    one = select(Participation.id.label("participation_id"), next_in(Participation.id).label("identity_id"))
    found = one.where(*classes).cte(recursive=True)
    following = next_in(found.c.participation_id, model.identity_id > found.c.identity_id)
    found = found.union_all(select(found.c.participation_id, following).where(found.c.identity_id.is_not(None)))
    none = literal(0)
    columns = (found.c.identity_id, found.c.participation_id, none.label("active"), none.label("by_membership"))
    return select(*columns).where(found.c.identity_id.is_not(None))


def select_pupils(places: Subquery) -> Select[Any]:
    """SQL: Identity, Participation, active of every place, ordered by school, class and family name."""
    return (
        select(Identity, Participation, places.c.active)
        .join(places, places.c.identity_id == Identity.id)
        .join(Participation, Participation.id == places.c.participation_id)
        .join(Identity.registration)
        .join(Registration.organization)
        .join(Participation.context)
        .order_by(*in_order())
    )


def in_order() -> tuple[Any, ...]:
    """SQL: by school, class and family name; the statement joins the organization and the context."""
    return Organization.name, Context.title, Participation.id, *by_name(), Identity.id


def by_name() -> tuple[Any, ...]:
    return func.lower(Identity.family_name), func.lower(Identity.given_name)


def find_pupil(course_id: int, identity_id: int) -> Pupil | None:
    """This pupil of the course; None when the person is none."""
    row = db.session.execute(select_pupils(pupil_places(course_id, identity_id=identity_id))).first()
    return None if row is None else Pupil(row[0], row[1], bool(row[2]))
