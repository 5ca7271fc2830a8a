"""What a pupil does with an activity of any kind leaves one row, made at the first touch."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.models import Activity, Submission
from lti_tool.people.actor import Actor


def own_submission(actor: Actor, access: ActivityAccess) -> Submission:
    """The pupil's own, made at the first touch and locked until the end of the unit of work."""
    assert actor.identity_id is not None
    return submission_for(access.the_activity, actor.identity_id, access.learning[0].id)


def submission_for(activity: Activity, identity_id: int, participation_id: int) -> Submission:
    """The same for a pupil of whom a teacher, or a clock, notes something."""
    submission = _find(activity, identity_id)
    if submission is None:
        # version 0 is what a form says that was opened before there was anything
        made = Submission(
            activity_id=activity.id, identity_id=identity_id, participation_id=participation_id, version=0
        )
        try:
            with db.session.begin_nested():
                db.session.add(made)
        except IntegrityError:  # another tab was first
            pass
        submission = _find(activity, identity_id)
    assert submission is not None
    return submission


def mark_done(submission: Submission) -> None:
    """The pupil has done what the kind asks for; the first time counts."""
    if submission.done_at is None:
        submission.done_at = utcnow()


def mark_read(*, actor: Actor, access: ActivityAccess) -> None:
    """The pupil says that something is read, which opens what comes after it. Twice is the same as once."""
    submission = own_submission(actor, access)
    if submission.done_at is None:
        mark_done(submission)
        audit.record(actor, "read", "submission", submission.id)


def _find(activity: Activity, identity_id: int) -> Submission | None:
    statement = select(Submission).where(Submission.activity_id == activity.id, Submission.identity_id == identity_id)
    return db.session.scalar(statement.with_for_update(of=Submission))
