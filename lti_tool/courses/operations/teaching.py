"""What the host's teachers do with a course: write it, arrange it, publish it, offer it to schools."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.versions import change, step
from lti_tool.courses.kinds import Kind, Settings, kind_of
from lti_tool.courses.models import (
    DRAFT,
    PUBLISHED,
    Activity,
    CourseOffer,
    CourseTeacher,
    Grade,
    SharedCourse,
)
from lti_tool.organizations.pointers import one_for_each
from lti_tool.people.actor import Actor

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and figures that nobody confuses when reading them out."""
CODE_LENGTH = 8


@dataclass(frozen=True)
class CourseText:
    """What a teacher types about a course."""

    title: str
    description: str
    language: str


@dataclass(frozen=True)
class ActivityText:
    """What a teacher types about an activity of any kind."""

    title: str
    body: str
    published: bool = True
    points: float | None = None
    due_at: datetime | None = None
    available_until: datetime | None = None


def create_course(*, actor: Actor, organization_id: int, text: CourseText) -> SharedCourse:
    """A course that is nobody's but the creator's until it is published."""
    course = SharedCourse(organization_id=organization_id, join_code=_new_code(), **asdict(text))
    db.session.add(course)
    db.session.flush()
    assert actor.identity_id is not None
    db.session.add(CourseTeacher(course_id=course.id, identity_id=actor.identity_id))
    audit.record(actor, "create", "course", course.id)
    return course


def edit_course(*, actor: Actor, course: SharedCourse, seen: int, text: CourseText) -> None:
    """Raises Outdated when the course was changed since version `seen`."""
    if change(course, seen, **asdict(text)):
        audit.record(actor, "edit", "course", course.id)


def publish_course(*, actor: Actor, course: SharedCourse) -> None:
    """Open the course: schools may join, pupils of those that did may read and hand in."""
    if course.state != PUBLISHED:
        course.state = PUBLISHED
        audit.record(actor, "publish", "course", course.id)


def unpublish_course(*, actor: Actor, course: SharedCourse) -> None:
    """Close the course to pupils and newcomers for a while; everything in it is kept."""
    if course.state == PUBLISHED:
        course.state = DRAFT
        audit.record(actor, "unpublish", "course", course.id)


def renew_code(*, actor: Actor, course: SharedCourse, old: str) -> None:
    """Replace the join code; schools that joined with the old one stay. Nothing happens when `old` is gone already."""
    if course.join_code == old:
        course.join_code = _new_code()
        audit.record(actor, "renew_code", "course", course.id)


def offer_course(*, actor: Actor, course: SharedCourse, shown: Collection[int], chosen: Collection[int]) -> None:
    """Of the organizations `shown`, offer the course to those `chosen` and to no other; the rest stay as they are."""
    statement = select(CourseOffer.organization_id).where(CourseOffer.course_id == course.id)
    offered = set(db.session.scalars(statement))
    wanted = set(chosen) & set(shown)
    added, withdrawn = wanted - offered, (set(shown) - wanted) & offered
    db.session.add_all(CourseOffer(course_id=course.id, organization_id=one) for one in sorted(added))
    if withdrawn:
        gone = delete(CourseOffer).where(CourseOffer.course_id == course.id, CourseOffer.organization_id.in_(withdrawn))
        execute(gone.execution_options(synchronize_session=False))
    if added or withdrawn:
        audit.record(actor, "offer", "course", course.id, added=sorted(added), withdrawn=sorted(withdrawn))


def add_activity(
    *, actor: Actor, course: SharedCourse, kind: Kind, text: ActivityText, settings: Settings = None
) -> Activity:
    """An activity after the last one, with the settings of its kind."""
    last = db.session.scalar(select(func.max(Activity.position)).where(Activity.course_id == course.id))
    activity = Activity(course_id=course.id, kind=kind.name, position=(last or 0) + 1, **asdict(text))
    activity.course = course
    db.session.add(activity)
    db.session.flush()
    kind.keep(activity, settings)
    audit.record(actor, "add_activity", "course", course.id, activity=activity.id, kind=kind.name)
    return activity


def edit_activity(
    *, actor: Actor, activity: Activity, seen: int, text: ActivityText, settings: Settings = None
) -> None:
    """Raises Outdated, and Invalid when the points change although someone has a grade in the old ones."""
    if text.points != activity.points and has_grades(activity):
        raise Invalid({"points": _("Some pupils have a grade already, so the points can no longer change.")})
    kind, values = kind_of(activity), asdict(text)
    if kind.kept(activity) == settings:
        changed = change(activity, seen, **values)
    else:
        step(activity, seen, **values)
        kind.keep(activity, settings)
        changed = True
    if changed:
        audit.record(actor, "edit_activity", "course", activity.course_id, activity=activity.id)


def move_activity(*, actor: Actor, activity: Activity, step: int) -> None:
    """One place up (`step` -1) or down (+1); nothing happens at the ends."""
    statement = (
        select(Activity)
        .where(Activity.course_id == activity.course_id, Activity.deleted_at.is_(None))
        .order_by(Activity.position, Activity.id)
        .with_for_update(of=Activity)
    )
    order = list(db.session.scalars(statement))
    old = order.index(activity)
    new = old + step
    if not 0 <= new < len(order):
        return
    order[old], order[new] = order[new], order[old]
    for position, each in enumerate(order, start=1):
        each.position = position
    audit.record(actor, "move_activity", "course", activity.course_id, activity=activity.id)


def delete_activity(*, actor: Actor, activity: Activity) -> None:
    """Take it out of the course. Work, grades and the columns in the schools' gradebooks stay."""
    if activity.deleted_at is None:
        activity.deleted_at = utcnow()
        audit.record(actor, "delete_activity", "course", activity.course_id, activity=activity.id)


def has_grades(activity: Activity) -> bool:
    """Has anyone a grade for it?"""
    return db.session.scalar(select(Grade.id).where(Grade.activity_id == activity.id).limit(1)) is not None


def _new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH))


def settle_offers(source: int, target: int) -> None:
    """Two organizations become one: a course is offered to it once, and its own courses are not."""
    one_for_each(CourseOffer.organization_id, CourseOffer.course_id)(source, target)
    hosts = {source: target, target: source}
    for host, guest in hosts.items():
        own = select(SharedCourse.id).where(SharedCourse.organization_id == host)
        gone = delete(CourseOffer).where(CourseOffer.organization_id == guest, CourseOffer.course_id.in_(own))
        execute(gone.execution_options(synchronize_session=False))
