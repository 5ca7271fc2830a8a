"""The gradebook: columns, cells, and what happens to a cell when a tool or a teacher writes into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .models import PUPIL, Course, Enrolment, Grade, GradeItem, Link
from .store import session

DECIMALS = 5


class Locked(Exception):
    """The column is locked; Moodle answers 500."""


class TooOld(Exception):
    """The cell was changed in the same second or later."""


class NotGradable(Exception):
    """The person has no cell in this course."""


@dataclass(frozen=True)
class Score:
    """A score as a tool sends it; `given` is None unless it is final."""

    given: float | None
    maximum: float
    comment: str
    at: int


def add_column(link: Link, maximum: float, line_item: dict[str, Any] | None = None) -> GradeItem:
    """Give an activity its own column; `line_item` is what deep linking said about it."""
    line_item = line_item or {}
    session().flush()
    item = GradeItem(
        course_id=link.course_id,
        tool_id=link.tool_id,
        link_id=link.id,
        label=link.title,
        maximum=maximum,
        resource_link_id=str(link.id),
        resource_id=str(line_item.get("resourceId") or ""),
        tag=str(line_item.get("tag") or ""),
        review=line_item.get("submissionReview"),
    )
    session().add(item)
    session().flush()
    return item


def columns(course: Course) -> list[GradeItem]:
    """The columns of a course, oldest first."""
    return session().query(GradeItem).filter_by(course_id=course.id).order_by(GradeItem.id).all()


def pupils(course: Course) -> list[Enrolment]:
    """People with cells, suspended ones as well, by name."""
    rows = [row for row in course.enrolments if row.role == PUPIL]
    return sorted(rows, key=lambda row: (row.person.family_name, row.person.given_name, row.person_id))


def cell(item: GradeItem, person_id: int) -> Grade | None:
    """One person's grade in one column."""
    return session().query(Grade).filter_by(item_id=item.id, person_id=person_id).one_or_none()


def seconds(timestamp: object) -> int:
    """A score's timestamp as whole seconds; ValueError for anything that is not ISO 8601."""
    moment = datetime.fromisoformat(str(timestamp))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def receive(item: GradeItem, user_id: str, score: Score) -> None:
    """Write a tool's score: rescaled, capped, and hidden behind a teacher's own grade."""
    grade = _cell_to_write(item, user_id)
    if grade.modified_at >= score.at:
        raise TooOld
    if item.locked:
        raise Locked
    grade.raw = _scaled(item, score)
    if grade.overridden:
        return
    grade.final, grade.comment, grade.modified_at = grade.raw, score.comment, score.at


def override(item: GradeItem, person_id: int, value: float | None, comment: str, now: int) -> None:
    """Write a teacher's own grade; None takes it back and shows the tool's grade again."""
    grade = _cell_to_write(item, str(person_id))
    grade.overridden = value is not None
    grade.final = grade.raw if value is None else max(0.0, min(value, item.maximum))
    grade.comment, grade.modified_at = comment, now


def empty(item: GradeItem, person_id: int, comment: str, now: int) -> None:
    """Take a grade away: a teacher's own empty cell, which no later score of the tool fills."""
    override(item, person_id, 0.0, comment, now)
    _cell_to_write(item, str(person_id)).final = None


def change_maximum(item: GradeItem, maximum: float, now: int) -> None:
    """Change a column's maximum. Grades keep their share of it and count as changed now, like in Moodle.

    A teacher's own grade stays as it is; for a maximum of 1 or less all of them do.
    """
    if item.maximum and maximum != item.maximum and maximum > 1:
        for grade in item.grades:
            if grade.raw is not None:
                grade.raw = round(grade.raw * maximum / item.maximum, DECIMALS)
            if not grade.overridden and grade.raw is not None:
                grade.final, grade.modified_at = grade.raw, now
    item.maximum = maximum


def _cell_to_write(item: GradeItem, user_id: str) -> Grade:
    enrolment = session().query(Enrolment).filter_by(course_id=item.course_id, role=PUPIL)
    person_id = int(user_id) if user_id.isascii() and user_id.isdigit() else 0
    if enrolment.filter_by(person_id=person_id).one_or_none() is None:
        raise NotGradable
    grade = cell(item, person_id)
    if grade is None:
        grade = Grade(item=item, person_id=person_id, raw=None, final=None, comment="", overridden=False, modified_at=0)
        session().add(grade)
    return grade


def _scaled(item: GradeItem, score: Score) -> float | None:
    if score.given is None:
        return None
    share = score.given / score.maximum if score.maximum else 0.0
    return round(max(0.0, min(share * item.maximum, item.maximum)), DECIMALS)
