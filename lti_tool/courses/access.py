"""What an actor is to a course: host, home teacher, pupil, or nobody. Read once per request, judged by policy.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, select

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db, get_or_none, utcnow
from lti_tool.courses.availability import HIDDEN, Availability, availability, done_by
from lti_tool.courses.models import ACTIVE, Activity, CourseTeacher, Participation, SharedCourse
from lti_tool.courses.partners import lets_in
from lti_tool.courses.pupils import Pupil, find_pupil, is_learner
from lti_tool.courses.seats.models import SEATED, Offering, Seat
from lti_tool.courses.staff.models import ACCEPTED, CourseTutor
from lti_tool.people.actor import Actor

UNPLACED = "unplaced"
"""In a class that takes part, and not looked at yet."""


@dataclass(frozen=True)
class Access:
    """A course as one actor stands to it."""

    course: SharedCourse
    hosts: bool = False
    """May edit the course and grade everyone."""
    teaching: tuple[Participation, ...] = ()
    """In contexts where the actor teaches and still belongs, closed ones too: what was reached there stays visible."""
    learning: tuple[Participation, ...] = ()
    """Active ones, in contexts where the actor learns; the newest launch's context first."""
    suspended: bool = False
    """A pupil whose membership ended: may read on, not hand in."""
    barred: bool = False
    """A pupil of a class that takes part, kept out because no agreement is in force."""
    without_seat: str = ""
    """A pupil of a class that takes part, kept out by the seat rules: the state of the seat, or UNPLACED."""

    tutor: str = ""
    """What a teacher invited to the course may do: one of staff.models.LEVELS; empty: not invited."""
    tutors_everybody: bool = False
    """Pupils of all schools; else only those of the classes the tutor teaches."""
    preview: bool = False
    """No pupil, but a teacher of the host who looks through the eyes of one; see preview.py."""

    @property
    def seen_classes(self) -> tuple[Participation, ...] | None:
        """Classes whose works and grades the actor sees; None: all of them."""
        return None if self.hosts or (self.tutor and self.tutors_everybody) else self.teaching

    @property
    def learns(self) -> bool:
        return bool(self.learning) and (self.preview or self.course.is_readable)

    @property
    def home_context_ids(self) -> set[int]:
        return {participation.context_id for participation in self.teaching}


@dataclass(frozen=True)
class ActivityAccess(Access):
    """One activity of the course, as the actor stands to it."""

    activity: Activity | None = None
    availability: Availability = field(default_factory=Availability)
    """For this pupil; for everybody else whether it is published."""

    @property
    def shown_to_pupils(self) -> bool:
        """It is published, though perhaps not open yet."""
        return self.availability.state != HIDDEN

    @property
    def open_to_pupils(self) -> bool:
        return self.availability.readable

    @property
    def the_activity(self) -> Activity:
        assert self.activity is not None
        return self.activity


@dataclass(frozen=True)
class WorkAccess(ActivityAccess):
    """One pupil's work on one activity, as the actor stands to it."""

    pupil: Pupil | None = None
    own_pupil: bool = False
    """The actor teaches the pupil in a context that takes part."""

    @property
    def the_pupil(self) -> Pupil:
        assert self.pupil is not None
        return self.pupil


@dataclass(frozen=True)
class ParticipationAccess:
    """A class that takes part, as one actor stands to it."""

    participation: Participation
    hosts: bool
    """Teaches the course at the host."""
    home: bool
    """Teaches the class in its own LMS course."""


def participation_access(actor: Actor, participation_id: int) -> ParticipationAccess | None:
    """How `actor` stands to the class; None when there is no such participation."""
    found = get_or_none(Participation, participation_id)
    if found is None or actor.identity_id is None:
        return None
    hosts = course_teacher(actor, found.course_id)
    home = actor.is_teacher(found.context_id) and found.context.registration_id == actor.registration_id
    return ParticipationAccess(found, hosts, home)


def course_access(actor: Actor | None, course_id: int) -> Access | None:
    """How `actor` stands to the course; None when there is no such course."""
    course = get_or_none(SharedCourse, course_id)
    return None if course is None else Access(course, **_standing(actor, course))


def activity_access(actor: Actor | None, activity_id: int) -> ActivityAccess | None:
    """The same for an activity that has not been taken out; None when there is none."""
    activity = get_or_none(Activity, activity_id)
    if activity is None or activity.deleted_at is not None:
        return None
    standing = _standing(actor, activity.course)
    done: set[int] = set()
    if (
        actor is not None
        and actor.identity_id is not None
        and standing.get("learning")
        and activity.after_id is not None
    ):
        done = done_by(actor.identity_id, [activity.after_id])
    found = availability(activity, done, utcnow())
    return ActivityAccess(activity.course, activity=activity, availability=found, **standing)


def work_access(actor: Actor | None, activity_id: int, identity_id: int) -> WorkAccess | None:
    """The same for one pupil's work; None when there is no such activity or pupil."""
    access = activity_access(actor, activity_id)
    return None if access is None else work_in(access, identity_id)


def work_in(access: ActivityAccess, identity_id: int) -> WorkAccess | None:
    """The same where the actor's standing to the activity is known already."""
    pupil = find_pupil(access.course.id, identity_id)
    if pupil is None:
        return None
    own = [participation.id for participation in access.teaching]
    return WorkAccess(**vars(access), pupil=pupil, own_pupil=bool(own) and _belongs(pupil, own))


def _belongs(pupil: Pupil, participation_ids: list[int]) -> bool:
    if pupil.participation.id in participation_ids:
        return True
    statement = (
        select(Membership.id)
        .join(Participation, Participation.context_id == Membership.context_id)
        .where(Participation.id.in_(participation_ids), Membership.identity_id == pupil.identity.id, is_learner())
    )
    return db.session.scalar(statement) is not None


def _standing(actor: Actor | None, course: SharedCourse) -> dict[str, Any]:
    if actor is None or actor.identity_id is None:
        return {}
    found = _participations(actor, course.id)
    learning = [
        one for one in found if actor.is_learner(one.participation.context_id) and one.participation.state == ACTIVE
    ]
    barred = bool(learning) and not lets_in(
        course, actor.organization_id, [(one.participation, one.since) for one in learning]
    )
    seat = "" if not learning or not learning[0].limited else learning[0].seat or UNPLACED
    without_seat = "" if seat == SEATED else seat
    hosts = course_teacher(actor, course.id)
    tutor = None if hosts else _tutor(actor, course.id)
    return {
        "hosts": hosts,
        "tutor": tutor.level if tutor else "",
        "tutors_everybody": tutor is not None and tutor.everybody,
        "teaching": tuple(
            one.participation
            for one in found
            if actor.is_teacher(one.participation.context_id) and one.status != "inactive"
        ),
        "learning": () if barred or without_seat else tuple(one.participation for one in learning),
        "suspended": bool(learning) and learning[0].status == "inactive",
        "barred": barred,
        "without_seat": without_seat,
    }


@dataclass(frozen=True)
class _Place:
    """A class that takes part, from a context launched in this session, with the actor's own membership and seat."""

    participation: Participation
    status: str | None
    since: datetime
    limited: bool
    """The course has seat rules."""
    seat: str | None


def _participations(actor: Actor, course_id: int) -> list[_Place]:
    """Of the contexts launched in this session; one statement."""
    own = and_(Membership.context_id == Participation.context_id, Membership.identity_id == actor.identity_id)
    rules = exists().where(Offering.course_id == course_id, Offering.limited.is_(True))
    statement = (
        select(Participation, Membership.status, Membership.created_at, rules, Seat.state)
        .join(Participation.context)
        .outerjoin(Membership, own)
        .outerjoin(Seat, and_(Seat.course_id == course_id, Seat.identity_id == actor.identity_id))
        .where(
            Participation.course_id == course_id,
            Participation.context_id.in_(launched_contexts(actor)),
            Context.registration_id == actor.registration_id,
        )
    )
    rows = [
        _Place(one, status, since or utcnow(), bool(limited), seat)
        for one, status, since, limited, seat in db.session.execute(statement)
    ]
    return sorted(rows, key=lambda row: (row.participation.context_id != actor.context_id, row.participation.id))


def course_teacher(actor: Actor, course_id: int) -> bool:
    """Does the actor teach the course at its host?"""
    if actor.identity_id is None or not actor.is_teacher():
        return False
    statement = select(CourseTeacher.id).where(
        CourseTeacher.course_id == course_id, CourseTeacher.identity_id == actor.identity_id
    )
    return db.session.scalar(statement) is not None


def _tutor(actor: Actor, course_id: int) -> CourseTutor | None:
    if not actor.is_teacher():
        return None
    statement = select(CourseTutor).where(
        CourseTutor.course_id == course_id, CourseTutor.identity_id == actor.identity_id, CourseTutor.state == ACCEPTED
    )
    return db.session.scalar(statement)


def launched_contexts(actor: Actor, role: str | None = None) -> list[int]:
    """Ids of the contexts the actor entered in this session, in one role when given."""
    return [context_id for context_id, own in actor.roles.items() if role is None or own == role]
