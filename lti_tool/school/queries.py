"""What a coordinator reads about the own organization; every function takes its id and tells of no pupil by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, case, func, or_, select, true
from sqlalchemy.orm import contains_eager

from lti_tool.agreements.models import SIGNED, Agreement, Party, Revision
from lti_tool.agreements.queries import holds, today
from lti_tool.agreements.terms import Contribution
from lti_tool.contexts.models import TEACHER, Context, Membership, RosterSync
from lti_tool.core.db import db
from lti_tool.core.finding import says
from lti_tool.courses.models import ACTIVE, ARCHIVED, CourseTeacher, Participation, SharedCourse
from lti_tool.courses.pupils import has_place, is_learner
from lti_tool.grades.models import PARKED, REFUSED, SENDING, WAITING, LineItem, Score
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration


@dataclass(frozen=True)
class Seats:
    """Places under agreements in force, and the pupils that came."""

    offered: int
    """By us, for pupils of partners."""
    taken: int
    """Pupils of other organizations in our courses."""
    open_to_us: int
    """By partners, for our pupils."""
    used: int
    """Our pupils in courses of other organizations."""


def seats_of(organization_id: int) -> Seats:
    """Seats given and received; one statement."""
    own = Party.organization_id == organization_id
    ours = select(Party.agreement_id).where(own)
    places = (
        select(
            func.coalesce(func.sum(case((own, Party.seats))), 0), func.coalesce(func.sum(case((~own, Party.seats))), 0)
        )
        .join(Agreement, Agreement.id == Party.agreement_id)
        .where(Party.agreement_id.in_(ours), holds(today()))
    )
    hosted = SharedCourse.organization_id == organization_id
    person = Membership.identity_id
    pupils = _guests(organization_id).with_only_columns(
        func.count(func.distinct(case((hosted, person)))), func.count(func.distinct(case((~hosted, person))))
    )
    sums, counts = places.subquery(), pupils.subquery()
    both = select(sums, counts).join_from(sums, counts, true())
    offered, open_to_us, taken, used = db.session.execute(both).one()
    return Seats(offered, taken, open_to_us, used)


def _guests(organization_id: int) -> Select[tuple[int, int, int]]:
    """(host, home, identity) of every pupil in a course of another organization, of which one is this."""
    return (
        select(SharedCourse.organization_id, Registration.organization_id, Membership.identity_id)
        .join(Participation, Participation.course_id == SharedCourse.id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .join(Membership, Membership.context_id == Context.id)
        .where(Participation.state == ACTIVE, Membership.status == "active", is_learner(), has_place())
        .where(SharedCourse.organization_id != Registration.organization_id)
        .where(or_(SharedCourse.organization_id == organization_id, Registration.organization_id == organization_id))
    )


@dataclass(frozen=True)
class Health:
    """How rosters and grades of one registration do."""

    registration: Registration
    contexts: int
    in_trouble: int
    """Contexts whose roster could not be read last time."""
    oldest: datetime | None
    """The roster that was read longest ago."""
    waiting: int
    failed: int
    """Grades on their way, and those that wait for a person."""


def health_of(organization_id: int) -> list[Health]:
    """A line for each of the organization's registrations; two statements."""
    trouble = func.count(case((RosterSync.error.is_not(None), 1)))
    rosters = (
        select(Registration, func.count(Context.id), trouble, func.min(RosterSync.synced_at))
        .outerjoin(Context, Context.registration_id == Registration.id)
        .outerjoin(RosterSync, RosterSync.context_id == Context.id)
        .where(Registration.organization_id == organization_id)
        .group_by(Registration.id, Organization.id)
        .join(Registration.organization)
        .options(contains_eager(Registration.organization))
        .order_by(Registration.id)
    )
    waits = func.count(case((Score.state.in_((WAITING, SENDING)), 1)))
    grades = (
        select(Context.registration_id, waits, func.count(case((Score.state.in_((REFUSED, PARKED)), 1))))
        .join(LineItem, LineItem.context_id == Context.id)
        .join(Score, Score.line_item_id == LineItem.id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Registration.organization_id == organization_id)
        .where(Score.state.in_((WAITING, SENDING, REFUSED, PARKED)))
        .group_by(Context.registration_id)
    )
    on_the_way = {row[0]: (row[1], row[2]) for row in db.session.execute(grades)}
    return [
        Health(registration, contexts, in_trouble, oldest, *on_the_way.get(registration.id, (0, 0)))
        for registration, contexts, in_trouble, oldest in db.session.execute(rosters)
    ]


@dataclass(frozen=True)
class Exchange:
    """What we and one partner bring in under one agreement in force."""

    agreement: Agreement
    given: Contribution
    received: dict[str, Contribution]
    """By the partner's name."""


def agreements_in_force(organization_id: int) -> Select[tuple[Agreement]]:
    """The organization's agreements in force, those that end first on top."""
    party = and_(Party.agreement_id == Agreement.id, Party.organization_id == organization_id)
    return select(Agreement).join(Party, party).where(holds(today())).order_by(Agreement.ends_on, Agreement.id)


def exchanges(agreements: Sequence[Agreement], organization_id: int) -> list[Exchange]:
    """What is given and received under these agreements; one statement."""
    wanted = [each.id for each in agreements]
    statement = select(Revision).where(Revision.agreement_id.in_(wanted), Revision.state == SIGNED)
    terms = {each.agreement_id: each.terms for each in db.session.scalars(statement)}
    found = []
    for each in agreements:
        names = {party.organization_id: party.organization.name for party in each.parties}
        brought = dict(terms[each.id].contributions) if each.id in terms else {}
        given = brought.pop(organization_id, Contribution())
        found.append(Exchange(each, given, {names.get(ident, ""): one for ident, one in brought.items()}))
    return found


def guests_by_partner(organization_id: int) -> dict[int, tuple[int, int]]:
    """By organization: (its pupils in our courses, our pupils in its courses); one statement."""
    host, home, person = SharedCourse.organization_id, Registration.organization_id, Membership.identity_id
    statement = _guests(organization_id).with_only_columns(host, home, func.count(func.distinct(person)))
    found: dict[int, tuple[int, int]] = {}
    for hosting, sending, count in db.session.execute(statement.group_by(host, home)):
        partner = sending if hosting == organization_id else hosting
        here, there = found.get(partner, (0, 0))
        found[partner] = (here + count, there) if hosting == organization_id else (here, there + count)
    return found


@dataclass(frozen=True)
class CourseCounts:
    """Courses of the organization, and those it takes part in."""

    hosted: int
    joined: int


def courses_of(organization_id: int, search: str = "") -> Select[tuple[SharedCourse]]:
    """Courses the organization hosts or takes part in, by title; `search` is a part of it or of the host's name."""
    joined = (
        select(Participation.course_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Registration.organization_id == organization_id)
    )
    statement = (
        select(SharedCourse)
        .where(or_(SharedCourse.organization_id == organization_id, SharedCourse.id.in_(joined)))
        .where(SharedCourse.state != ARCHIVED)
    )
    if search.strip():
        hosts = select(Organization.id).where(says(search, Organization.name))
        statement = statement.where(or_(says(search, SharedCourse.title), SharedCourse.organization_id.in_(hosts)))
    return statement.order_by(SharedCourse.title, SharedCourse.id)


def count_courses(organization_id: int) -> CourseCounts:
    """How many of each; one statement."""
    hosted = case((SharedCourse.organization_id == organization_id, 1))
    rows = courses_of(organization_id).order_by(None).with_only_columns(func.count(), func.count(hosted))
    total, own = db.session.execute(rows).one()
    return CourseCounts(own, total - own)


@dataclass(frozen=True)
class Classes:
    """Who takes part in one course."""

    own: int = 0
    others: int = 0
    pupils: int = 0
    """Of our own organization."""


def classes_of(course_ids: Sequence[int], organization_id: int) -> dict[int, Classes]:
    """By course how many classes of ours and of others take part, and how many pupils of ours; one statement."""
    ours = Registration.organization_id == organization_id
    context = Participation.context_id
    learns = and_(ours, Membership.status == "active", is_learner(), has_place())
    statement = (
        select(
            Participation.course_id,
            func.count(func.distinct(case((ours, context)))),
            func.count(func.distinct(case((~ours, context)))),
            func.count(func.distinct(case((learns, Membership.identity_id)))),
        )
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .outerjoin(Membership, and_(Membership.context_id == Context.id, ours))
        .where(Participation.course_id.in_(course_ids), Participation.state == ACTIVE)
        .group_by(Participation.course_id)
    )
    return {row[0]: Classes(*row[1:]) for row in db.session.execute(statement)}


def teachers_of(organization_id: int, search: str = "") -> Select[tuple[Identity]]:
    """People who teach in a course of the organization's LMSs, by name; `search` is a part of it."""
    teaches = or_(Membership.launch_role == TEACHER, Membership.roster_role == TEACHER)
    statement = (
        select(Identity)
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Registration.organization_id == organization_id)
        .where(select(Membership.id).where(Membership.identity_id == Identity.id, teaches).exists())
    )
    if search.strip():
        statement = statement.where(says(search, Identity.name))
    return statement.order_by(Identity.family_name, Identity.given_name, Identity.id)


@dataclass(frozen=True)
class Teaching:
    """Where a teacher teaches, and what the tool knows of it."""

    contexts: list[str]
    hosts: int = 0
    """Shared courses of our organization in which the person grades."""


def teaching_of(identity_ids: Sequence[int]) -> dict[int, Teaching]:
    """LMS courses and shared courses of these teachers; two statements."""
    teaches = or_(Membership.launch_role == TEACHER, Membership.roster_role == TEACHER)
    places = (
        select(Membership.identity_id, Context.title, Context.label)
        .join(Context, Context.id == Membership.context_id)
        .where(Membership.identity_id.in_(identity_ids), Membership.status == "active", teaches)
        .order_by(Context.title, Context.id)
    )
    found: dict[int, list[str]] = {}
    for ident, title, label in db.session.execute(places):
        found.setdefault(ident, []).append(title or label)
    hosted = select(CourseTeacher.identity_id, func.count()).where(CourseTeacher.identity_id.in_(identity_ids))
    hosts = dict(db.session.execute(hosted.group_by(CourseTeacher.identity_id)).tuples().all())
    return {ident: Teaching(found.get(ident, []), hosts.get(ident, 0)) for ident in identity_ids}


def contexts_of(organization_id: int, *, troubled: bool = False, search: str = "") -> Select[tuple[Context]]:
    """LMS courses of the organization, by title; `troubled`: only those whose roster or grades need a look."""
    statement = (
        select(Context)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Registration.organization_id == organization_id)
    )
    if troubled:
        failed = select(LineItem.context_id).join(Score, Score.line_item_id == LineItem.id)
        failed = failed.where(LineItem.context_id == Context.id, Score.state.in_((REFUSED, PARKED)))
        unread = select(RosterSync.id).where(RosterSync.context_id == Context.id, RosterSync.error.is_not(None))
        statement = statement.where(or_(failed.exists(), unread.exists()))
    if search.strip():
        statement = statement.where(says(search, Context.title, Context.label))
    return statement.order_by(Context.title, Context.id)


@dataclass(frozen=True)
class ContextHealth:
    """How one LMS course does."""

    synced_at: datetime | None = None
    error: str | None = None
    members: int = 0
    waiting: int = 0
    failed: int = 0


def context_health(context_ids: Sequence[int]) -> dict[int, ContextHealth]:
    """Rosters and grades of these LMS courses; two statements."""
    rosters = select(RosterSync).where(RosterSync.context_id.in_(context_ids))
    synced = {each.context_id: each for each in db.session.scalars(rosters)}
    waits = func.count(case((Score.state.in_((WAITING, SENDING)), 1)))
    grades = (
        select(LineItem.context_id, waits, func.count(case((Score.state.in_((REFUSED, PARKED)), 1))))
        .join(Score, Score.line_item_id == LineItem.id)
        .where(LineItem.context_id.in_(context_ids), Score.state.in_((WAITING, SENDING, REFUSED, PARKED)))
        .group_by(LineItem.context_id)
    )
    sent = {row[0]: (row[1], row[2]) for row in db.session.execute(grades)}
    found = {}
    for ident in context_ids:
        roster = synced.get(ident)
        told = (roster.synced_at, roster.error, roster.members) if roster else (None, None, 0)
        found[ident] = ContextHealth(*told, *sent.get(ident, (0, 0)))
    return found
