"""What a pupil's posts mean for the activity: something for a teacher to look at, and done once there are enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.discussing.settings import kept
from lti_tool.courses.models import Activity, Submission
from lti_tool.courses.operations.submissions import mark_done, own_submission, submission_for
from lti_tool.courses.pupils import find_pupil
from lti_tool.discussions.models import SHOWN, WAITING, Post
from lti_tool.discussions.queries import written_below
from lti_tool.people.actor import Actor

Written = Sequence[tuple[datetime, str]]
"""When each post was written, and its state; the oldest first."""


def take_stock(*, actor: Actor, access: ActivityAccess, post: Post) -> None:
    """A post came, or what became of it changed: reckon its author's work anew. Teachers have none."""
    identity_id = post.identity_id
    if identity_id is None:
        return
    activity = access.the_activity
    if identity_id == actor.identity_id and access.learns and not access.hosts:
        submission = own_submission(actor, access)
    else:
        pupil = find_pupil(access.course.id, identity_id)
        if pupil is None:
            return
        submission = submission_for(activity, identity_id, pupil.participation.id)
    db.session.flush()
    written = written_below(activity.resource_id, [identity_id])
    _reckon(submission, written.get(identity_id, ()), kept(activity).least_posts)


def reckon_anew(activity: Activity) -> None:
    """The teacher asks for more posts, or fewer: what everybody wrote is reckoned anew; two statements, and the changes."""
    found = db.session.scalars(select(Submission).where(Submission.activity_id == activity.id)).all()
    written = written_below(activity.resource_id, [each.identity_id for each in found])
    least = kept(activity).least_posts
    for each in found:
        if each.identity_id in written:  # else the posts are older than they are kept, and what was done stays done
            _reckon(each, written[each.identity_id], least)


def _reckon(submission: Submission, written: Written, least: int) -> None:
    """Handed in with the last post that was asked for, so that talking on after the date is not late. A post that waits
    is there to be looked at, and counts as done once it is shown."""
    there = [moment for moment, state in written if state in (SHOWN, WAITING)]
    if not there:
        db.session.delete(submission)
        return
    moment = there[min(least, len(there)) - 1]
    if submission.handed_in_at != moment:
        submission.handed_in_at = moment
    if sum(state == SHOWN for _moment, state in written) >= least:
        mark_done(submission)
    else:
        submission.done_at = None
