"""What the host's teachers do with a course: write it, arrange it, publish it, offer it to schools."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute
from lti_tool.core.errors import Invalid
from lti_tool.core.versions import change, step
from lti_tool.courses.arrangement import holds_up
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.kinds import Kind, Settings, kind_of
from lti_tool.courses.models import (
    ARCHIVED,
    DRAFT,
    PUBLISHED,
    Activity,
    CourseOffer,
    CourseTeacher,
    Grade,
    SharedCourse,
)
from lti_tool.courses.operations.arranging import hold, take_out
from lti_tool.courses.queries.outline import arrangement_of
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
    available_from: datetime | None = None
    available_until: datetime | None = None
    after_id: int | None = None
    asks_done: bool = False


def create_course(*, actor: Actor, organization_id: int, text: CourseText) -> SharedCourse:
    """A course that is nobody's but the creator's until it is published."""
    course = SharedCourse(organization_id=organization_id, join_code=new_code(), **asdict(text))
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
        course.join_code = new_code()
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


def archive_course(*, actor: Actor, course: SharedCourse) -> None:
    """End a course: everybody who took part can read on, nobody changes anything any more."""
    if course.state != ARCHIVED:
        course.state, course.archived_from = ARCHIVED, course.state
        audit.record(actor, "archive", "course", course.id)


def bring_back_course(*, actor: Actor, course: SharedCourse) -> None:
    """Take a course out of the archive: it is what it was before."""
    if course.state == ARCHIVED:
        course.state, course.archived_from = course.archived_from or DRAFT, None
        audit.record(actor, "bring_back", "course", course.id)


def add_activity(
    *,
    actor: Actor,
    course: SharedCourse,
    kind: Kind,
    text: ActivityText,
    settings: Settings = None,
    unit_id: int | None = None,
) -> Activity:
    """An activity at the end of a unit, or of what stands before the first one, with the settings of its kind.

    Raises Invalid when the unit, or what it comes after, is none of this course.
    """
    hold(course)
    order = arrangement_of(course.id)
    inside = dict(order.units).get(unit_id)
    if inside is None:
        raise Invalid({"unit": _("This unit has been taken out. Choose another one.")})
    _check_after(course.id, 0, text.after_id)
    activity = Activity(course_id=course.id, kind=kind.name, unit_id=unit_id, position=len(inside) + 1, **asdict(text))
    activity.course = course
    db.session.add(activity)
    db.session.flush()
    kind.keep(activity, settings)
    audit.record(actor, "add_activity", "course", course.id, activity=activity.id, kind=kind.name)
    return activity


def edit_activity(
    *, actor: Actor, activity: Activity, seen: int, text: ActivityText, settings: Settings = None
) -> None:
    """Raises Outdated, and Invalid when the points change although someone has a grade in the old ones, or when the
    activity would wait for itself."""
    if text.points != activity.points and has_grades(activity):
        raise Invalid({"points": _("Some pupils have a grade already, so the points can no longer change.")})
    if text.after_id is not None and text.after_id != activity.after_id:
        hold(activity.course)
        _check_after(activity.course_id, activity.id, text.after_id)
    kind, values = kind_of(activity), asdict(text)
    if kind.kept(activity) == settings:
        changed = change(activity, seen, **values)
    else:
        step(activity, seen, **values)
        kind.keep(activity, settings)
        changed = True
    if changed:
        kind.changed(activity)
        audit.record(actor, "edit_activity", "course", activity.course_id, activity=activity.id)


def _check_after(course_id: int, activity_id: int, after_id: int | None) -> None:
    if after_id is None:
        return
    statement = select(Activity.id, Activity.after_id).where(
        Activity.course_id == course_id, Activity.deleted_at.is_(None)
    )
    chain = [(row[0], row[1]) for row in db.session.execute(statement)]
    if after_id not in [each for each, _after in chain]:
        raise Invalid({"after": _("What it comes after has been taken out. Choose again.")})
    if holds_up(chain, activity_id, after_id):
        raise Invalid({"after": _("That one waits for this one already, so both would stay closed for ever.")})


def delete_activity(*, actor: Actor, activity: Activity) -> None:
    """Take it out of the course. Work, grades and the columns in the schools' gradebooks stay."""
    if activity.deleted_at is None:
        hold(activity.course)
        take_out((activity.id,))
        audit.record(actor, "delete_activity", "course", activity.course_id, activity=activity.id)


def has_grades(activity: Activity) -> bool:
    """Has anyone a grade for it, or a mark that is to become one?"""
    given = (select(model.id).where(model.activity_id == activity.id).limit(1) for model in (Grade, Mark))
    return any(db.session.scalar(statement) is not None for statement in given)


def new_code() -> str:
    """A join code that nobody has."""
    return "".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH))


def settle_offers(source: int, target: int) -> None:
    """Two organizations become one: a course is offered to it once, and its own courses are not."""
    one_for_each(CourseOffer.organization_id, CourseOffer.course_id)(source, target)
    hosts = {source: target, target: source}
    for host, guest in hosts.items():
        own = select(SharedCourse.id).where(SharedCourse.organization_id == host)
        gone = delete(CourseOffer).where(CourseOffer.organization_id == guest, CourseOffer.course_id.in_(own))
        execute(gone.execution_options(synchronize_session=False))
