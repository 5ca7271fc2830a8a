"""What an actor is to a course: host, home teacher, pupil, or nobody. Read once per request, judged by policy.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db, get_or_none, utcnow
from lti_tool.courses.availability import HIDDEN, Availability, availability, done_by
from lti_tool.courses.models import ACTIVE, Activity, CourseTeacher, Participation, SharedCourse
from lti_tool.courses.partners import lets_in
from lti_tool.courses.pupils import Pupil, find_pupil, is_learner
from lti_tool.people.actor import Actor


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
    preview: bool = False
    """No pupil, but a teacher of the host who looks through the eyes of one; see preview.py."""

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
    hosts = actor.is_teacher() and _is_course_teacher(actor.identity_id, found.course_id)
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
    if access is None:
        return None
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
        (participation, status, since)
        for participation, status, since in found
        if actor.is_learner(participation.context_id) and participation.state == ACTIVE
    ]
    barred = bool(learning) and not lets_in(
        course, actor.organization_id, [(participation, since) for participation, _status, since in learning]
    )
    return {
        "hosts": actor.is_teacher() and _is_course_teacher(actor.identity_id, course.id),
        "teaching": tuple(
            one for one, status, _since in found if actor.is_teacher(one.context_id) and status != "inactive"
        ),
        "learning": () if barred else tuple(one for one, _status, _since in learning),
        "suspended": bool(learning) and learning[0][1] == "inactive",
        "barred": barred,
    }


def _participations(actor: Actor, course_id: int) -> list[tuple[Participation, str | None, datetime]]:
    """Of the contexts launched in this session, each with status and beginning of the actor's own membership."""
    statement = (
        select(Participation, Membership.status, Membership.created_at)
        .join(Participation.context)
        .outerjoin(
            Membership,
            and_(Membership.context_id == Participation.context_id, Membership.identity_id == actor.identity_id),
        )
        .where(
            Participation.course_id == course_id,
            Participation.context_id.in_(launched_contexts(actor)),
            Context.registration_id == actor.registration_id,
        )
    )
    rows = [(one, status, since or utcnow()) for one, status, since in db.session.execute(statement)]
    return sorted(rows, key=lambda row: (row[0].context_id != actor.context_id, row[0].id))


def _is_course_teacher(identity_id: int, course_id: int) -> bool:
    statement = select(CourseTeacher.id).where(
        CourseTeacher.course_id == course_id, CourseTeacher.identity_id == identity_id
    )
    return db.session.scalar(statement) is not None


def launched_contexts(actor: Actor, role: str | None = None) -> list[int]:
    """Ids of the contexts the actor entered in this session, in one role when given."""
    return [context_id for context_id, own in actor.roles.items() if role is None or own == role]
