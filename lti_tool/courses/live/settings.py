"""What a teacher decides about a live session."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass

from sqlalchemy import select

from lti_tool.core.db import db, utcnow
from lti_tool.courses.live.models import LINK, LiveSession
from lti_tool.courses.models import Activity


@dataclass(frozen=True)
class LiveSettings:
    """How long, and where."""

    minutes: int = 45
    room: str = LINK
    address: str = ""
    recording: str = ""


def session_of(activity: Activity) -> LiveSession | None:
    """The session of this activity."""
    return db.session.scalar(select(LiveSession).where(LiveSession.activity_id == activity.id))


def kept(activity: Activity) -> LiveSettings:
    """The settings of this live session."""
    found = session_of(activity)
    if found is None:
        return LiveSettings()
    return LiveSettings(found.minutes, found.room, found.address, found.recording)


def keep(activity: Activity, settings: LiveSettings) -> None:
    """Store them; a room elsewhere is opened anew."""
    found = session_of(activity)
    if found is None:
        db.session.add(LiveSession(activity=activity, room_name=secrets.token_urlsafe(24), **asdict(settings)))
        return
    if found.room != settings.room:
        found.opened_at, found.state, found.due_at, found.attempts = None, "waiting", utcnow(), 0
    for name, value in asdict(settings).items():
        setattr(found, name, value)
