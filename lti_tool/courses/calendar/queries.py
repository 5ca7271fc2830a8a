"""What stands in somebody's calendar: only what they could open in the courses just now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased, contains_eager

from lti_tool.contexts.models import TEACHER, Context, Membership
from lti_tool.core.db import db, utcnow
from lti_tool.courses.availability import published
from lti_tool.courses.calendar.models import CalendarFeed
from lti_tool.courses.live.queries import length_of
from lti_tool.courses.models import ACTIVE, PUBLISHED, Activity, CourseTeacher, CourseUnit, Participation, SharedCourse
from lti_tool.courses.own_dates import OwnDates
from lti_tool.courses.partners import lets_in
from lti_tool.courses.pupils import has_place, is_learner
from lti_tool.courses.staff.models import ACCEPTED, CourseTutor
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import Registration

PAST = timedelta(days=90)
MOST = 2000
"""Entries of one calendar."""
OPENS, DUE, MEETING = "opens", "due", "meeting"


@dataclass(frozen=True)
class Entry:
    """One entry; `ends` is later than `begins` for meetings only."""

    what: str
    activity: Activity
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Owner:
    """Whose calendar it is, and in which language they read."""

    identity_id: int
    organization_id: int
    as_pupil: bool
    locale: str


def feed_of(actor: Actor) -> CalendarFeed | None:
    """The actor's own address; None: there is none."""
    return db.session.scalar(select(CalendarFeed).where(CalendarFeed.identity_id == actor.identity_id))


def owner_of(name: str) -> Owner | None:
    """Whose address holds this name; None when it is no longer in force."""
    statement = (
        select(Identity.id, Registration.organization_id, CalendarFeed.as_pupil, Person.locale, Organization.locale)
        .join(CalendarFeed, CalendarFeed.identity_id == Identity.id)
        .join(Person, Person.id == Identity.person_id)
        .join(Registration, Registration.id == Identity.registration_id)
        .join(Organization, Organization.id == Registration.organization_id)
        .where(CalendarFeed.name == name)
    )
    found = db.session.execute(statement).first()
    return None if found is None else Owner(found[0], found[1], found[2], found[3] or found[4])


def entries_of(owner: Owner) -> list[Entry]:
    """In order of time; the number of statements does not grow with courses taught, nor with activities."""
    since = utcnow() - PAST
    learning = _learning(owner)
    unit = aliased(CourseUnit)  # under its own name it would be taken for the one that published() asks
    dates = OwnDates(owner.identity_id, Participation.id)
    moments = (dates.due_at, Activity.available_from, unit.available_from)
    in_class = and_(Participation.course_id == Activity.course_id, Participation.id.in_(learning.values()))
    statement = (
        dates.on(select(Activity, dates.due_at).outerjoin(Participation, in_class))
        .outerjoin(Activity.unit.of_type(unit))
        .options(contains_eager(Activity.unit.of_type(unit)))
        .where(
            Activity.course_id.in_(learning.keys() | _teaching(owner)),
            published(),
            or_(*(moment >= since for moment in moments)),
        )
        .order_by(dates.due_at.desc(), Activity.id)
        .limit(MOST)
    )
    rows = db.session.execute(statement).unique().tuples().all()
    lengths = length_of([activity.id for activity, _due_at in rows])
    found = [entry for activity, due_at in rows for entry in _entries(activity, due_at, lengths.get(activity.id))]
    return sorted(
        (one for one in found if one.begins >= since), key=lambda one: (one.begins, one.activity.id, one.what)
    )


def _entries(activity: Activity, due_at: datetime | None, length: timedelta | None) -> Sequence[Entry]:
    entries = []
    opens = [activity.available_from, activity.unit.available_from if activity.unit else None]
    opens_at = max((moment for moment in opens if moment is not None), default=None)
    if opens_at is not None:
        entries.append(Entry(OPENS, activity, opens_at, opens_at))
    if due_at is not None:
        what, ends = (DUE, due_at) if length is None else (MEETING, due_at + length)
        entries.append(Entry(what, activity, due_at, ends))
    return entries


def _learning(owner: Owner) -> dict[int, int]:
    """By course the class in which the person is a pupil today: by the roster, with a seat, let in by an agreement."""
    statement = (
        select(Participation, Membership.created_at)
        .join(Membership, Membership.context_id == Participation.context_id)
        .join(SharedCourse, SharedCourse.id == Participation.course_id)
        .where(Membership.identity_id == owner.identity_id, Membership.status == "active", is_learner(), has_place())
        .where(Participation.state == ACTIVE, SharedCourse.state == PUBLISHED)
    )
    places: dict[int, list[tuple[Participation, datetime]]] = {}
    for participation, since in db.session.execute(statement).unique():
        places.setdefault(participation.course_id, []).append((participation, since))
    courses = db.session.scalars(select(SharedCourse).where(SharedCourse.id.in_(places)))
    return {
        course.id: min(participation.id for participation, _since in places[course.id])
        for course in courses
        if lets_in(course, owner.organization_id, places[course.id])
    }


def _teaching(owner: Owner) -> set[int]:
    """Courses the person teaches, as host, with an own class, or invited."""
    role = or_(Membership.launch_role == TEACHER, Membership.roster_role == TEACHER)
    own = Membership.identity_id == owner.identity_id, Membership.status == "active", role
    still = select(Membership.id).where(*own).exists()
    classes = (
        select(Participation.course_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Membership, Membership.context_id == Context.id)
        .where(*own, Participation.state == ACTIVE)
    )
    hosted = select(CourseTeacher.course_id).where(CourseTeacher.identity_id == owner.identity_id, still)
    tutored = select(CourseTutor.course_id).where(
        CourseTutor.identity_id == owner.identity_id, CourseTutor.state == ACCEPTED, still
    )
    wanted = or_(SharedCourse.id.in_(classes), SharedCourse.id.in_(hosted), SharedCourse.id.in_(tutored))
    return set(db.session.scalars(select(SharedCourse.id).where(wanted, SharedCourse.state == PUBLISHED)))
