"""Who was there: pupils check in themselves, teachers correct it."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.live.queries import places_for
from lti_tool.courses.models import Submission
from lti_tool.courses.operations.submissions import mark_done, own_submission, submission_for
from lti_tool.people.actor import Actor


def check_in(*, actor: Actor, access: ActivityAccess, session: LiveSession) -> None:
    """The pupil is here. Twice is once; raises Conflict outside the time."""
    submission = own_submission(actor, access)
    if submission.done_at is not None:
        return
    if not session.is_on(utcnow()):
        raise Conflict(
            _("You can check in from shortly before the beginning until the end."),
            _("If you were there all the same, tell your teacher, who can note it."),
        )
    mark_done(submission)
    audit.record(actor, "check_in", "activity", access.the_activity.id)


def note_attendance(*, actor: Actor, access: ActivityAccess, shown: Collection[int], here: Collection[int]) -> int:
    """Of the pupils `shown` (identities), those in `here` were there and the others not; answers how many changed.

    Pupils whom the actor does not answer for are left alone.
    """
    activity = access.the_activity
    places = places_for(access)
    rows = db.session.execute(
        select(places.c.identity_id, places.c.participation_id).where(places.c.identity_id.in_(shown))
    )
    homes = dict(rows.tuples().all())
    statement = select(Submission).where(Submission.activity_id == activity.id, Submission.identity_id.in_(homes))
    known = {each.identity_id: each for each in db.session.scalars(statement)}
    changed = []
    for identity_id, participation_id in homes.items():
        found = known.get(identity_id)
        if (found is not None and found.done_at is not None) == (identity_id in here):
            continue
        changed.append(identity_id)
        if identity_id in here:
            mark_done(found or submission_for(activity, identity_id, participation_id))
        elif found is not None:
            found.done_at = None
    if changed:
        audit.record(actor, "note_attendance", "activity", activity.id, identities=sorted(changed))
    return len(changed)
