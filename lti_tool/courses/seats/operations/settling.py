"""Give out the places of a course: who is in its classes by their rosters, who fits, who waits and moves up.

It runs in the transaction of every change that may free or need a place, and by the calendar.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, insert, or_, select, update

from lti_tool.contexts.models import Membership
from lti_tool.core import audit
from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.courses.models import ACTIVE, ARCHIVED, Participation, SharedCourse
from lti_tool.courses.pupils import is_learner
from lti_tool.courses.seats.models import FREED, SEATED, WAITING, Offering, Seat
from lti_tool.courses.seats.queries.room import rooms
from lti_tool.courses.telling.kinds import PLACED
from lti_tool.organizations.models import Organization
from lti_tool.people.notices.operations import tell

KEPT_FOR = timedelta(days=7)
"""A pupil who left the LMS course has the place this long: a slip of the roster costs nobody a place."""
TOLD = 50
"""Pupils whose ids one line of the audit trail names."""


def hold_host(course: SharedCourse) -> None:
    """Let nobody else give places of this host until the transaction ends: its agreements count all its courses."""
    row = select(Organization.id).where(Organization.id == course.organization_id)
    db.session.execute(row.with_for_update(key_share=True))


def settle(course_id: int, *, everybody: bool = False) -> int:
    """Bring the places in line with rosters, rules and dates; returns how many got a place.

    `everybody`: whoever is in a class now has a place, as when seat rules begin in a running course.
    """
    course = db.session.get_one(SharedCourse, course_id)
    hold_host(course)
    offering = db.session.scalar(select(Offering).where(Offering.course_id == course_id, Offering.limited.is_(True)))
    if offering is None:
        return 0
    now = utcnow()
    changes = _Changes(course_id, now)
    line = _follow_rosters(changes, everybody=everybody)
    changes.write()
    room = rooms([offering])[course_id]
    lucky = room.move_up([(changes.seat_ids()[pupil], class_id) for pupil, class_id in line])
    if lucky:
        run(_MOVE_UP, [{"key": key, "now": now} for key in lucky])
        _tell_placed(course, now)
    if lucky or changes.happened:
        _forget_loaded()
        facts: dict[str, Any] = {**changes.happened, "moved_up": len(lucky), "seats": lucky[:TOLD]}
        audit.record(None, "settle_seats", "course", course_id, **facts)
    return len(lucky)


def _tell_placed(course: SharedCourse, now: datetime) -> None:
    """Tell the pupils who got a place in this moment."""
    placed = select(Seat.identity_id).where(Seat.course_id == course.id, Seat.state == SEATED, Seat.since == now)
    tell(placed, PLACED, f"course-{course.id}", {"course": course.id, "title_of_course": course.title})


def _forget_loaded() -> None:
    """What was written past the session is read anew."""
    for each in list(db.session.identity_map.values()):
        if isinstance(each, Seat):
            db.session.expire(each)


_SEAT = table_of(Seat)
_MOVE_UP = update(_SEAT).where(_SEAT.c.id == bindparam("key")).values(state=SEATED, since=bindparam("now"))
_TURN = (
    update(_SEAT)
    .where(_SEAT.c.id == bindparam("key"))
    .values(
        state=bindparam("to_state"),
        line=bindparam("to_line"),
        participation_id=bindparam("class_id"),
        since=bindparam("at"),
    )
)


@dataclass(frozen=True)
class _Member:
    """A learner of a class that takes part, or somebody who left it."""

    class_id: int
    active: bool
    left_at: datetime | None


class _Changes:
    """What differs between the rosters and the places, written in two statements."""

    def __init__(self, course_id: int, now: datetime) -> None:
        self.course_id, self.now = course_id, now
        self.new: list[dict[str, Any]] = []
        self.turned: list[dict[str, Any]] = []
        self.happened: Counter[str] = Counter()
        columns = (Seat.id, Seat.identity_id, Seat.participation_id, Seat.state, Seat.line, Seat.since)
        rows = db.session.execute(select(*columns).where(Seat.course_id == course_id).order_by(Seat.line, Seat.id))
        self.seats = {row.identity_id: row for row in rows}
        self.last = max((row.line for row in self.seats.values()), default=0)

    def add(self, pupil: int, class_id: int, state: str) -> None:
        self.last += 1
        values = {"course_id": self.course_id, "identity_id": pupil, "participation_id": class_id, "state": state}
        times = {"since": self.now, "created_at": self.now}
        self.new.append({**values, "line": self.last, "reason": "", "late": False, **times})
        self.happened["came"] += 1

    def turn(self, row: Any, state: str, class_id: int, *, to_the_end: bool = False) -> None:
        self.last += to_the_end
        at = row.since if state == row.state else self.now
        line = self.last if to_the_end else row.line
        self.turned.append({"key": row.id, "to_state": state, "to_line": line, "class_id": class_id, "at": at})
        self.happened["freed" if state == FREED else "moved"] += 1

    def write(self) -> None:
        if self.new:
            run(insert(_SEAT), self.new)
        if self.turned:
            run(_TURN, self.turned)

    def seat_ids(self) -> dict[int, int]:
        """By pupil, those just added too."""
        if self.new and not hasattr(self, "_ids"):
            rows = db.session.execute(select(Seat.identity_id, Seat.id).where(Seat.course_id == self.course_id))
            self._ids = dict(rows.tuples().all())
        return self._ids if self.new else {pupil: row.id for pupil, row in self.seats.items()}


def _follow_rosters(changes: _Changes, *, everybody: bool) -> list[tuple[int, int]]:
    """Note who came, left and came back; returns the line as (pupil, class)."""
    members = _members(changes.course_id)
    for pupil, places in members.items():
        row, active = changes.seats.get(pupil), [one for one in places if one.active]
        if row is None:
            if active:
                changes.add(pupil, active[0].class_id, SEATED if everybody else WAITING)
        elif row.state == FREED and active:
            changes.turn(row, WAITING, active[0].class_id, to_the_end=True)
        elif row.state in (SEATED, WAITING):
            _keep_or_free(changes, row, places, active)
    for pupil, row in changes.seats.items():
        if pupil not in members and row.state in (SEATED, WAITING):
            changes.turn(row, FREED, row.participation_id)
    return _line(changes)


def _keep_or_free(changes: _Changes, row: Any, places: list[_Member], active: list[_Member]) -> None:
    """Who left waits no longer, and has the place for a while; who is in another class as well counts there now."""
    if active:
        if row.participation_id not in {one.class_id for one in active}:
            changes.turn(row, row.state, active[0].class_id)
        return
    left = max((one.left_at for one in places if one.left_at is not None), default=None)
    if row.state == WAITING or left is None or changes.now - left >= KEPT_FOR:
        changes.turn(row, FREED, row.participation_id)


def _line(changes: _Changes) -> list[tuple[int, int]]:
    now = {each["key"]: each for each in changes.turned}
    line = []
    for pupil, row in changes.seats.items():
        turned = now.get(row.id)
        state = turned["to_state"] if turned else row.state
        if state == WAITING:
            place = (turned["to_line"], turned["class_id"]) if turned else (row.line, row.participation_id)
            line.append((*place, pupil))
    line += [
        (each["line"], each["participation_id"], each["identity_id"])
        for each in changes.new
        if each["state"] == WAITING
    ]
    return [(pupil, class_id) for _number, class_id, pupil in sorted(line)]


def _members(course_id: int) -> dict[int, list[_Member]]:
    """Learners of the classes that take part, by person, in the order in which they arrived; and whoever left them, as
    nothing tells any more what those were."""
    learns = and_(Membership.status == "active", is_learner())
    statement = (
        select(Membership.identity_id, Participation.id, case((learns, 1), else_=0), Membership.left_at)
        .join(Participation, Participation.context_id == Membership.context_id)
        .where(Participation.course_id == course_id, Participation.state == ACTIVE)
        .where(or_(learns, Membership.status != "active"))
        .order_by(Membership.created_at, Membership.id)
    )
    found: dict[int, list[_Member]] = {}
    for pupil, class_id, active, left_at in db.session.execute(statement):
        found.setdefault(pupil, []).append(_Member(class_id, bool(active), left_at))
    return found


def settle_context(context_id: int) -> None:
    """The participants of an LMS course changed: settle the courses with seat rules it takes part in."""
    statement = (
        select(Offering.course_id)
        .join(Participation, Participation.course_id == Offering.course_id)
        .where(Offering.limited.is_(True), Participation.state == ACTIVE, Participation.context_id == context_id)
        .order_by(Offering.course_id)
    )
    for course_id in list(db.session.scalars(statement)):
        settle(course_id)


def limited_courses() -> list[int]:
    """Every course with seat rules that is not archived, for the calendar."""
    statement = (
        select(Offering.course_id)
        .join(SharedCourse, SharedCourse.id == Offering.course_id)
        .where(Offering.limited.is_(True), SharedCourse.state != ARCHIVED)
    )
    return list(db.session.scalars(statement.order_by(Offering.course_id)))
