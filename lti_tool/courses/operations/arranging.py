"""Units, and the order of units and activities: changed from the list as it was seen, so that nobody's move is lost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Integer, case, cast, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.versions import Outdated, change
from lti_tool.courses.arrangement import Arrangement, Move
from lti_tool.courses.models import Activity, CourseUnit, SharedCourse
from lti_tool.courses.queries.outline import arrangement_of
from lti_tool.people.actor import Actor

TOP = 0
"""As the unit to move to: before the first unit."""


@dataclass(frozen=True)
class UnitText:
    """What a teacher types about a unit."""

    title: str
    summary: str
    published: bool = True
    available_from: datetime | None = None


def hold(course: SharedCourse) -> None:
    """Nobody else adds, moves or takes out anything of the course until this unit of work ends."""
    db.session.execute(select(SharedCourse.id).where(SharedCourse.id == course.id).with_for_update())


def add_unit(*, actor: Actor, course: SharedCourse, text: UnitText) -> CourseUnit:
    """A unit after the last one."""
    hold(course)
    place = len(arrangement_of(course.id).units)
    unit = CourseUnit(course_id=course.id, position=place, **asdict(text))
    db.session.add(unit)
    db.session.flush()
    audit.record(actor, "add_unit", "course", course.id, unit=unit.id)
    return unit


def edit_unit(*, actor: Actor, unit: CourseUnit, seen: int, text: UnitText) -> None:
    """Raises Outdated when the unit was changed since version `seen`."""
    if change(unit, seen, **asdict(text)):
        audit.record(actor, "edit_unit", "course", unit.course_id, unit=unit.id)


def delete_unit(*, actor: Actor, course: SharedCourse, unit: CourseUnit, keep_in: int | None) -> None:
    """Take a unit out; its activities go to the unit `keep_in` (TOP: before the first), or out as well when it is None.

    Raises Invalid when there is no such other unit. Work and grades stay.
    """
    hold(course)
    if unit.deleted_at is not None:
        return
    order = arrangement_of(course.id)
    inside = dict(order.units)[unit.id]
    if keep_in is None:
        take_out(inside)
    else:
        target = keep_in or None
        if target == unit.id or target not in dict(order.units):
            raise Invalid({"keep_in": _("Choose where its activities go.")})
        for activity_id in inside:
            order = order.move_activity(activity_id, unit_id=target, before=None)
        write_order(order)
    unit.deleted_at = utcnow()
    unit.version += 1
    audit.record(
        actor, "delete_unit", "course", course.id, unit=unit.id, activities=len(inside), kept=keep_in is not None
    )


def take_out(activity_ids: tuple[int, ...]) -> None:
    """Delete these; what came after one of them waits for it no longer."""
    if not activity_ids:
        return
    freed = (
        update(Activity).where(Activity.after_id.in_(activity_ids)).values(after_id=None, version=Activity.version + 1)
    )
    gone = update(Activity).where(Activity.id.in_(activity_ids)).values(deleted_at=utcnow(), after_id=None)
    for statement in (freed, gone):
        execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()


def rearrange(*, actor: Actor, course: SharedCourse, seen: str, move: Move) -> Arrangement:
    """Move an activity or a unit; the order afterwards.

    `seen` is the fingerprint of the order the move is made from. Raises Outdated when the course has another one by now,
    or what the move names has been taken out.
    """
    hold(course)
    old = arrangement_of(course.id)
    if old.fingerprint != seen:
        raise Outdated
    try:
        new = move.of(old)
    except ValueError:
        raise Outdated from None
    if new != old:
        write_order(new)
        audit.record(actor, "arrange", "course", course.id, activity=move.activity_id, unit=move.unit_id)
    return new


def write_order(order: Arrangement) -> None:
    """Store the order: one statement for all activities, one for all units."""
    places = {each: (index, unit or None) for unit, inside in order.units for index, each in enumerate(inside, start=1)}
    units = [unit for unit, _inside in order.units if unit is not None]
    if places:
        values = {
            "position": case({each: place for each, (place, _unit) in places.items()}, value=Activity.id),
            # the cast says what it is where every value is empty
            "unit_id": cast(case({each: unit for each, (_place, unit) in places.items()}, value=Activity.id), Integer),
        }
        execute(
            update(Activity)
            .where(Activity.id.in_(places))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    if units:
        position = case({each: index for index, each in enumerate(units, start=1)}, value=CourseUnit.id)
        statement = update(CourseUnit).where(CourseUnit.id.in_(units)).values(position=position)
        execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
