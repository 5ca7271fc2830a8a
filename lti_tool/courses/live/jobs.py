"""BigBlueButton rooms are opened before people come, and again while the session runs."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, unit_of_work, utcnow
from lti_tool.core.http import RemoteError
from lti_tool.core.settings import current_settings
from lti_tool.courses.live.models import BIGBLUEBUTTON, OPENS_BEFORE, LiveSession
from lti_tool.courses.live.rooms import RoomRefused, open_room
from lti_tool.courses.models import Activity

EARLY = OPENS_BEFORE + timedelta(minutes=5)
"""The room is there before the first pupil may ask for it."""
AGAIN = timedelta(minutes=5)
"""An open room is asked for again: the service may have ended it."""
RETRY = timedelta(seconds=30)
LONGEST = timedelta(hours=12)

log = structlog.get_logger(__name__)


@jobs.task("courses.open_room")
def open_one(session_id: int) -> None:
    """Open the room of one session."""
    with unit_of_work():
        mine = jobs.claim(LiveSession, session_id)
    if not mine:
        return
    session = db.session.get_one(LiveSession, session_id)
    order = (session.room_name, session.activity.title, session.minutes)
    end_reading()
    try:
        open_room(current_settings(), *order)
        opened, wait = True, AGAIN
    except (RemoteError, RoomRefused) as error:
        opened, wait = False, RETRY
        log.warning("room not opened", session=session_id, reason=getattr(error, "reason", "refused"))
    with unit_of_work():
        session = db.session.get_one(LiveSession, session_id, with_for_update={"of": LiveSession})
        session.state, session.due_at = "waiting", utcnow() + wait
        if opened:
            session.opened_at, session.attempts = utcnow(), 0


def sessions_to_open(limit: int) -> list[int]:
    """Sessions that begin soon or run, and whose room is to be opened now; none where the service is not set."""
    if current_settings().bigbluebutton is None:
        return []
    now = utcnow()
    statement = (
        select(LiveSession)
        .join(LiveSession.activity)
        .where(LiveSession.room == BIGBLUEBUTTON, jobs.is_due(LiveSession, now))
        .where(Activity.due_at.between(now - LONGEST, now + EARLY), Activity.deleted_at.is_(None))
        .order_by(Activity.due_at)
        .limit(limit)
    )
    return [each.id for each in db.session.scalars(statement) if each.ends is not None and each.ends >= now]


jobs.sweep(LiveSession, open_one, due=sessions_to_open)
