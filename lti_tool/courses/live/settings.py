"""What a teacher decides about a live session."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from lti_tool.core.db import db, utcnow
from lti_tool.courses.live.models import BIGBLUEBUTTON, JITSI, LINK, LiveSession
from lti_tool.courses.models import Activity

MAX_MINUTES = 600


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


def pack(activity: Activity) -> dict[str, Any]:
    """The settings for another hub; a recording shows people, and stays."""
    packed = asdict(kept(activity))
    del packed["recording"]
    return packed


def unpack(activity: Activity, packed: Mapping[str, Any]) -> None:
    """Raises ValueError for what is no such meeting."""
    minutes, room, address = (packed.get(name) for name in ("minutes", "room", "address"))
    if not isinstance(minutes, int) or not 1 <= minutes <= MAX_MINUTES:
        raise ValueError(f"`minutes` has to be a number from 1 to {MAX_MINUTES}")
    if room not in (LINK, BIGBLUEBUTTON, JITSI):
        raise ValueError("`room` has to be `link`, `bbb` or `jitsi`")
    if not isinstance(address, str) or (address and not address.lower().startswith("https://")) or len(address) > 1000:
        raise ValueError("`address` has to be an https address")
    keep(activity, LiveSettings(minutes, room, address))
