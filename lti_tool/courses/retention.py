"""How long this feature keeps work and marks: counted from the last thing a class did in a course, so that it does not
matter whether anybody closed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, String, cast, delete, exists, literal, or_, select

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import execute
from lti_tool.courses.assignments.belongings import forget_works
from lti_tool.courses.assignments.models import Mark
from lti_tool.courses.gradebook.models import Excuse, GradeChange
from lti_tool.courses.models import Activity, Grade, Participation, Submission
from lti_tool.grades.models import LineItem, Score
from lti_tool.grades.reconciliation.models import Difference
from lti_tool.people.retention.registry import Period, keep
from lti_tool.platforms.models import Registration

WORK = Period(
    "work",
    _l("Work handed in, files and drafts"),
    _l("since the class handed in or was graded last in that course"),
    days=730,
    least=90,
)
GRADES = Period(
    "grades",
    _l("Grades in shared courses and of their delivery (those in the LMS stay there)"),
    _l("since the class handed in or was graded last in that course"),
    days=1825,
    least=365,
)
_BULK = {"synchronize_session": False}


def register() -> None:
    """Tell what is kept and for how long."""
    keep(WORK, Submission, _old_work, _drop_work)
    keep(WORK, Excuse, _old_excuses)
    keep(GRADES, GradeChange, _old_changes)
    keep(GRADES, Mark, _old_marks)
    keep(GRADES, Grade, _old_grades, _drop_grades)


def _old_work(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    quiet = Submission.participation_id.in_(_quiet(before, organization_id))
    return select(Submission.id).where(quiet).order_by(Submission.id)


def _old_grades(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    return select(Grade.id).where(Grade.participation_id.in_(_quiet(before, organization_id))).order_by(Grade.id)


def _old_marks(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    """Those that never became a grade; others go with theirs."""
    graded = exists().where(Grade.activity_id == Mark.activity_id, Grade.identity_id == Mark.identity_id)
    quiet = Mark.participation_id.in_(_quiet(before, organization_id))
    return select(Mark.id).where(Mark.graded_at < before, quiet, ~graded).order_by(Mark.id)


def _old_excuses(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    quiet = _learns_in_quiet(Excuse, before, organization_id)
    return select(Excuse.id).where(Excuse.created_at < before, quiet).order_by(Excuse.id)


def _old_changes(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    quiet = _learns_in_quiet(GradeChange, before, organization_id)
    return select(GradeChange.id).where(GradeChange.at < before, quiet).order_by(GradeChange.id)


def _learns_in_quiet(model: Any, before: datetime, organization_id: int | None) -> Any:
    """SQL: the person of this row belongs to such a class of the activity's course."""
    theirs = (
        select(Participation.id)
        .join(Membership, Membership.context_id == Participation.context_id)
        .join(Activity, Activity.course_id == Participation.course_id)
        .where(Activity.id == model.activity_id, Membership.identity_id == model.identity_id)
    )
    return theirs.where(Participation.id.in_(_quiet(before, organization_id))).exists()


def _quiet(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    """Classes that have done nothing in their course since then; those of one school, as it is their home."""
    moments = (Submission.created_at, Submission.handed_in_at, Submission.draft_at, Submission.done_at)
    since = [moment >= before for moment in moments]
    worked = exists().where(Submission.participation_id == Participation.id, or_(*since))
    graded = exists().where(Grade.participation_id == Participation.id, Grade.graded_at >= before)
    statement = select(Participation.id).where(~worked, ~graded)
    if organization_id is None:
        return statement
    home = select(Context.id).join(Registration, Registration.id == Context.registration_id)
    return statement.where(Participation.context_id.in_(home.where(Registration.organization_id == organization_id)))


def _drop_work(idents: Sequence[int]) -> None:
    forget_works(select(Submission.id).where(Submission.id.in_(idents)))
    execute(delete(Submission).where(Submission.id.in_(idents)).execution_options(**_BULK))


def _drop_grades(idents: Sequence[int]) -> None:
    for model in (Difference, Score):
        execute(delete(model).where(model.id.in_(_delivered_as(model, idents))).execution_options(**_BULK))
    same = (Grade.activity_id == Mark.activity_id, Grade.identity_id == Mark.identity_id, Grade.id.in_(idents))
    execute(delete(Mark).where(select(Grade.id).where(*same).exists()).execution_options(**_BULK))
    execute(delete(Grade).where(Grade.id.in_(idents)).execution_options(**_BULK))


def _delivered_as(model: Any, idents: Sequence[int]) -> Select[Any]:
    """Rows of one person and column that belong to these grades."""
    column = literal("activity-") + cast(Grade.activity_id, String)
    return (
        select(model.id)
        .join(LineItem, LineItem.id == model.line_item_id)
        .join(Grade, Grade.identity_id == model.identity_id)
        .where(LineItem.resource_id == column, Grade.id.in_(idents))
    )
