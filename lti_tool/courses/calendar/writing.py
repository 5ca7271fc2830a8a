"""A calendar as iCalendar (RFC 5545), in UTC: every program shows it on its owner's clock."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import url_for
from flask_babel import gettext as _
from icalendar import Calendar, Event

from lti_tool.core.settings import current_settings
from lti_tool.courses.calendar.queries import DUE, OPENS, Entry


def written(entries: Sequence[Entry]) -> bytes:
    """The same entries give the same bytes, in the language in force."""
    calendar = Calendar()
    calendar.add("prodid", "-//Schools Together//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Schools Together"))
    host = urlsplit(current_settings().base_url).hostname or "localhost"
    for entry in entries:
        calendar.add_component(_event(entry, host))
    return bytes(calendar.to_ical())


def _event(entry: Entry, host: str) -> Event:
    activity = entry.activity
    event = Event()
    event.add("uid", f"activity-{activity.id}-{entry.what}@{host}")
    event.add("dtstamp", activity.created_at)
    event.add("sequence", activity.version)
    event.add("summary", _summary(entry))
    event.add("description", activity.course.title)
    event.add("dtstart", entry.begins)
    event.add("dtend", entry.ends)
    event.add("transp", "TRANSPARENT" if entry.begins == entry.ends else "OPAQUE")
    event.add("url", url_for("courses.activity", activity_id=activity.id, _external=True))
    return event


def _summary(entry: Entry) -> str:
    title = entry.activity.title
    if entry.what == OPENS:
        return str(_("Opens: %(title)s", title=title))
    return str(_("Due: %(title)s", title=title)) if entry.what == DUE else title
