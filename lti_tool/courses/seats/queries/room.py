"""How many seats there are for whom: quotas, reserve, and the seats of agreements, of one course or of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lti_tool.agreements.models import Agreement, Party
from lti_tool.agreements.queries import holds, today
from lti_tool.contexts.models import Context
from lti_tool.core.db import db, utcnow
from lti_tool.courses.models import ACTIVE, PARTNERS, Participation, SharedCourse
from lti_tool.courses.seats.allotment import Allotment, Class, Rules
from lti_tool.courses.seats.models import SEATED, Offering, Quota, Seat
from lti_tool.platforms.models import Registration


def day_of(course: SharedCourse) -> date:
    """Today by the host's clock, which decides about its dates."""
    return utcnow().astimezone(ZoneInfo(course.organization.time_zone)).date()


def is_open(offering: Offering | None) -> bool:
    """May pupils and classes still come in?"""
    if offering is None or offering.add_until is None:
        return True
    return day_of(offering.course) <= offering.add_until


@dataclass(frozen=True)
class Pledge:
    """Seats of a host under its agreements with one partner."""

    seats: int
    """All that the agreements in force say; of several parties together where they share an agreement."""
    hours: int
    left: int
    """Of these, for the partner's pupils: those already in the host's courses are taken off."""


def rooms(offerings: Collection[Offering]) -> dict[int, Allotment]:
    """By course with seat rules what is taken and free. Six statements, whatever the number."""
    limited = [one for one in offerings if one.limited]
    if not limited:
        return {}
    ids = [one.course_id for one in limited]
    classes: dict[int, list[Class]] = defaultdict(list)
    for course_id, one in _classes(ids):
        classes[course_id].append(one)
    quotas: dict[int, dict[int, int]] = defaultdict(dict)
    for course_id, organization_id, seats in db.session.execute(
        select(Quota.course_id, Quota.organization_id, Quota.seats).where(Quota.course_id.in_(ids))
    ):
        quotas[course_id][organization_id] = seats
    counted = select(Seat.participation_id, func.count()).where(Seat.course_id.in_(ids), Seat.state == SEATED)
    seated = dict(db.session.execute(counted.group_by(Seat.participation_id)).tuples().all())
    for_partners = {one.course.organization_id for one in limited if one.course.visibility == PARTNERS}
    pledges = {host: pledges_of(host) for host in for_partners}
    return {
        one.course_id: Allotment(
            Rules(
                quotas[one.course_id],
                one.reserve,
                _limits(one.course, classes[one.course_id], seated, pledges.get(one.course.organization_id, {})),
                is_open(one),
            ),
            classes[one.course_id],
            {each.id: seated.get(each.id, 0) for each in classes[one.course_id]},
        )
        for one in limited
    }


def _classes(course_ids: Collection[int]) -> list[tuple[int, Class]]:
    statement = (
        select(
            Participation.course_id,
            Participation.id,
            Registration.organization_id,
            Participation.seats,
            Participation.held,
        )
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Participation.course_id.in_(course_ids), Participation.state == ACTIVE)
        .order_by(Participation.id)
    )
    return [(row[0], Class(*row[1:])) for row in db.session.execute(statement)]


def _limits(
    course: SharedCourse, classes: Iterable[Class], seated: Mapping[int, int], pledges: Mapping[int, Pledge]
) -> Mapping[int, int]:
    """The most places each organization may have in this course by its agreements with the host.

    An agreement that says nothing of seats limits nothing; without one in force nobody new gets a place.
    """
    if course.visibility != PARTNERS:
        return {}
    here: dict[int, int] = defaultdict(int)
    for one in classes:
        here[one.organization_id] += seated.get(one.id, 0)
    limits = {each: pledge.left + here[each] for each, pledge in pledges.items() if pledge.seats}
    strangers = set(here) - set(pledges) - {course.organization_id}
    return limits | {each: here[each] for each in strangers}


def pledges_of(host_id: int) -> dict[int, Pledge]:
    """By partner the seats and hours of the host's agreements in force; three statements.

    Parties of one agreement share its seats: what another party cannot place under agreements of its own is taken off.
    """
    seats, hours, parties = _agreements(host_id)
    used = _used_by(host_id)
    found = {}
    for partner in {each for members in parties.values() for each in members}:
        own = [ident for ident, members in parties.items() if partner in members]
        pledged = sum(seats[ident] for ident in own)
        others = {each for ident in own for each in parties[ident]} - {partner}
        beside = sum(
            max(
                0,
                used.get(each, 0)
                - sum(seats[ident] for ident in parties if each in parties[ident] and ident not in own),
            )
            for each in others
        )
        left = max(0, pledged - beside - used.get(partner, 0))
        found[partner] = Pledge(pledged, sum(hours[ident] for ident in own), left)
    return found


def _agreements(host_id: int) -> tuple[dict[int, int], dict[int, int], dict[int, set[int]]]:
    own, other = aliased(Party), aliased(Party)
    statement = (
        select(own.agreement_id, own.seats, own.hours, other.organization_id)
        .join(other, other.agreement_id == own.agreement_id)
        .join(Agreement, Agreement.id == own.agreement_id)
        .where(own.organization_id == host_id, other.organization_id != host_id, holds(today()))
    )
    seats: dict[int, int] = {}
    hours: dict[int, int] = {}
    parties: dict[int, set[int]] = defaultdict(set)
    for ident, places, teaching, partner in db.session.execute(statement):
        seats[ident], hours[ident] = places, teaching
        parties[ident].add(partner)
    return seats, hours, parties


def _used_by(host_id: int) -> dict[int, int]:
    """By organization the places its pupils have in the host's courses for partners with seat rules."""
    statement = (
        select(Registration.organization_id, func.count())
        .select_from(Seat)
        .join(SharedCourse, SharedCourse.id == Seat.course_id)
        .join(Participation, Participation.id == Seat.participation_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(SharedCourse.organization_id == host_id, SharedCourse.visibility == PARTNERS, Seat.state == SEATED)
        .group_by(Registration.organization_id)
    )
    return dict(db.session.execute(statement).tuples().all())
