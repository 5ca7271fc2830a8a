"""SQL: until when an activity is due for one pupil, for every page, list and job that speaks to or about that pupil.

A pupil's own extension goes before the class's, and that before what holds for everybody. The class is the one the
pupil's work was begun in, else the one the pupil is looked at in. assignments.queries.dates_for reads the same of a
single work, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from lti_tool.core.db import db
from lti_tool.courses.assignments.models import REFUSED, Assignment, Extension
from lti_tool.courses.models import Activity, Submission


class OwnDates:
    """SQL: what holds of an Activity for a pupil, once `on` has joined what decides it; no row becomes two.

    work: the pupil's Submission, or nothing. due_at: never nothing under an extension. closes_at: in place of
    `available_until`, with the due date where late work is not taken (`refuses`). given_at: when the extension that holds
    was given; nothing: none does.
    """

    def __init__(self, identity_id: Any, participation_id: Any) -> None:
        own, of_class = aliased(Extension), aliased(Extension)
        self.work = aliased(Submission)
        self._joins = (
            (self.work, and_(self.work.activity_id == Activity.id, self.work.identity_id == identity_id)),
            (own, and_(own.activity_id == Activity.id, own.identity_id == identity_id)),
            (
                of_class,
                and_(
                    of_class.activity_id == Activity.id,
                    of_class.participation_id == func.coalesce(self.work.participation_id, participation_id),
                ),
            ),
        )
        given = func.coalesce(own.due_at, of_class.due_at)
        until = case((own.id.is_not(None), own.until), else_=of_class.until)
        longer = case((given > Activity.available_until, given), else_=Activity.available_until)
        self.due_at = func.coalesce(given, Activity.due_at)
        rule = select(Assignment.id).where(Assignment.activity_id == Activity.id, Assignment.late_rule == REFUSED)
        self.refuses = rule.exists()
        closes_at = func.coalesce(until, longer)
        earlier = or_(closes_at.is_(None), self.due_at < closes_at)
        self.closes_at = case((and_(self.refuses, self.due_at.is_not(None), earlier), self.due_at), else_=closes_at)
        self.given_at = func.coalesce(own.created_at, of_class.created_at)

    def on(self, statement: Select[Any]) -> Select[Any]:
        """The statement, which has Activity, with the pupil's work and extensions beside it."""
        for model, condition in self._joins:
            statement = statement.outerjoin(model, condition)
        return statement


@dataclass(frozen=True)
class Own:
    """What holds for one pupil."""

    due_at: datetime | None
    closes_at: datetime | None


def own_dates(identity_id: int, participation_id: int, activity_ids: Collection[int]) -> dict[int, Own]:
    """By activity, what holds for this pupil where it may not be what the activity says; one statement."""
    dates = OwnDates(identity_id, participation_id)
    statement = dates.on(select(Activity.id, dates.due_at, dates.closes_at))
    differs = or_(dates.given_at.is_not(None), dates.refuses)
    found = statement.where(Activity.id.in_(activity_ids), differs)
    return {row[0]: Own(row[1], row[2]) for row in db.session.execute(found)}
