"""What a teacher decides about an assignment beyond what all activities have."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select

from lti_tool.core.db import db
from lti_tool.core.errors import Invalid
from lti_tool.courses.assignments.models import FILES, MARKED, TEXT, Assignment, AssignmentWork, Mark, Rubric
from lti_tool.courses.models import Activity
from lti_tool.files.kinds import ANYTHING
from lti_tool.files.operations.keeping import Rules


@dataclass(frozen=True)
class AssignmentSettings:
    """How pupils hand in, and how they are graded."""

    accepts: tuple[str, ...] = (TEXT, FILES)
    kinds: tuple[str, ...] = ()
    most_files: int = 10
    most_bytes: int = 20 * 1024**2
    late_rule: str = MARKED
    late_percent: float = 10.0
    late_most: float = 50.0
    improves: bool = False
    anonymous: bool = False
    held: bool = False


def assignment_of(activity: Activity) -> Assignment:
    """What is kept of this assignment."""
    return db.session.execute(select(Assignment).where(Assignment.activity_id == activity.id)).scalar_one()


def rules_of(assignment: Assignment) -> Rules:
    """Which files its form takes."""
    return Rules(tuple(assignment.kinds) or (ANYTHING,), assignment.most_files, assignment.most_bytes, True)


def kept(activity: Activity) -> AssignmentSettings:
    """The settings of this assignment."""
    found = db.session.scalar(select(Assignment).where(Assignment.activity_id == activity.id))
    if found is None:
        return AssignmentSettings()
    values = {name: getattr(found, name) for name in asdict(AssignmentSettings())}
    return AssignmentSettings(**values | {"accepts": tuple(found.accepts), "kinds": tuple(found.kinds)})


def keep(activity: Activity, settings: AssignmentSettings) -> None:
    """Store them. Raises Invalid when names would appear, or grades be told, that were promised to wait."""
    found = db.session.scalar(select(Assignment).where(Assignment.activity_id == activity.id))
    values = plain(settings)
    if found is None:
        db.session.add(Assignment(activity_id=activity.id, **values))
        db.session.flush()
        return
    if (found.anonymous, found.held) != (settings.anonymous, settings.held):
        _check_promise(found, settings)
    for name, value in values.items():
        setattr(found, name, value)


def plain(settings: AssignmentSettings) -> dict[str, Any]:
    """Names and values that JSON knows."""
    return asdict(settings) | {"accepts": list(settings.accepts), "kinds": list(settings.kinds)}


def _check_promise(found: Assignment, settings: AssignmentSettings) -> None:
    if found.anonymous != settings.anonymous:
        _check_names(found.activity_id)
    waiting = exists().where(Mark.activity_id == found.activity_id, Mark.released_at.is_(None))
    if not settings.held and db.session.scalar(select(waiting)):
        raise Invalid({"held": _("Grades wait to be released. Release them first, on the page of works.")})


def _check_names(activity_id: int) -> None:
    handed_in = exists().where(AssignmentWork.activity_id == activity_id)
    if db.session.scalar(select(handed_in)):
        raise Invalid({"anonymous": _("Somebody has handed in already, so this can no longer change.")})
    if db.session.scalar(select(exists().where(Mark.activity_id == activity_id))):
        raise Invalid({"anonymous": _("Somebody has been graded already, so this can no longer change.")})


def copy(source: Activity, target: Activity) -> None:
    """The rubric in force goes along; who was graded by it does not."""
    rubric = assignment_of(source).rubric
    if rubric is not None:
        give_rubric(target, rubric.criteria, rubric.made_by_id)


def give_rubric(activity: Activity, criteria: list[dict[str, Any]], made_by_id: int | None) -> None:
    """The first rubric of a new assignment."""
    own = Rubric(activity_id=activity.id, number=1, criteria=criteria, made_by_id=made_by_id)
    assignment_of(activity).rubric = own
    db.session.flush()
