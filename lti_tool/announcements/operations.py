"""Verbs of announcements."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from lti_tool.announcements.models import AUDIENCES, KINDS, LONGEST, Announcement, Dismissal
from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.versions import change
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class Said:
    """What an announcement says, to whom and when."""

    kind: str
    audience: str
    text_ru: str
    text_en: str
    starts_at: datetime
    ends_at: datetime

    def check(self) -> None:
        """Raises Invalid."""
        faults: dict[str, Any] = {}
        for name in ("text_ru", "text_en"):
            if not 0 < len(getattr(self, name)) <= LONGEST:
                faults[name] = _("Write a text of at most %(limit)d characters.", limit=LONGEST)
        if self.kind not in KINDS:
            faults["kind"] = _("Choose one of these.")
        if self.audience not in AUDIENCES:
            faults["audience"] = _("Choose one of these.")
        if self.ends_at <= self.starts_at:
            faults["ends_at"] = _("The end lies before the beginning.")
        if faults:
            raise Invalid(faults)


def add_announcement(*, actor: Actor, said: Said) -> Announcement:
    """Write an announcement. Raises Invalid."""
    said.check()
    made = Announcement(**asdict(said))
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "announcement.add", "announcement", made.id)
    return made


def change_announcement(*, actor: Actor, announcement: Announcement, said: Said, seen: int) -> None:
    """Write it anew; whoever has put it away sees it again when its words have changed. Raises Invalid, Outdated."""
    said.check()
    reworded = (announcement.text_ru, announcement.text_en) != (said.text_ru, said.text_en)
    if change(announcement, seen, **asdict(said)):
        audit.record(actor, "announcement.change", "announcement", announcement.id)
        if reworded:
            execute(delete(Dismissal).where(Dismissal.announcement_id == announcement.id))


def end_announcement(*, actor: Actor, announcement: Announcement) -> None:
    """Show it no longer; one that has not begun never will."""
    now = utcnow()
    if announcement.ends_at > now:
        change(announcement, announcement.version, ends_at=now, starts_at=min(announcement.starts_at, now))
        audit.record(actor, "announcement.end", "announcement", announcement.id)


def dismiss_announcement(*, actor: Actor, announcement: Announcement) -> None:
    """Put it away for this person. It is no act of the trail: nothing of the network changes."""
    insert_if_absent(Dismissal, {"announcement_id": announcement.id, "person_id": actor.person_id})


def forget_dismissals(ended_before: datetime) -> None:
    """Remove who has put away what ended long ago."""
    over = select(Announcement.id).where(Announcement.ends_at < ended_before)
    execute(delete(Dismissal).where(Dismissal.announcement_id.in_(over)).execution_options(synchronize_session=False))
