"""What pupils do, whatever the kind: their submission is made at the first touch, and done once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.models import Activity, Submission
from lti_tool.people.actor import Actor


def own_submission(actor: Actor, access: ActivityAccess) -> Submission:
    """The pupil's submission, made at the first touch and locked until the end of the unit of work."""
    submission = _find(actor, access.the_activity)
    if submission is None:
        try:
            with db.session.begin_nested():
                db.session.add(_new(actor, access))
        except IntegrityError:  # the other tab was first
            pass
        submission = _find(actor, access.the_activity)
    assert submission is not None
    return submission


def mark_read(*, actor: Actor, access: ActivityAccess) -> None:
    """The pupil says that something is read, which opens what comes after it. Twice is the same as once."""
    submission = own_submission(actor, access)
    if submission.done_at is None:
        submission.done_at = utcnow()
        audit.record(actor, "read", "submission", submission.id)


def _find(actor: Actor, activity: Activity) -> Submission | None:
    statement = select(Submission).where(
        Submission.activity_id == activity.id, Submission.identity_id == actor.identity_id
    )
    return db.session.scalar(statement.with_for_update(of=Submission))


def _new(actor: Actor, access: ActivityAccess) -> Submission:
    assert actor.identity_id is not None
    return Submission(
        activity_id=access.the_activity.id,
        identity_id=actor.identity_id,
        participation_id=access.learning[0].id,
        version=0,  # what a form says that was opened before there was anything
    )
