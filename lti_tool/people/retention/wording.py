"""Retention in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

HAPPENED: dict[str, Any] = {
    "retention.choose": _l("Periods for keeping data chosen"),
    "retention.apply": _l("Data whose time was over removed"),
}
THINGS: dict[str, Any] = {"retention": _l("Periods for keeping data")}
FIXED: tuple[tuple[Any, Any], ...] = (
    (_l("Sessions: only in the browser"), _l("10 hours after the last page")),
    (_l("Logins and launches that wait"), _l("11 minutes")),
    (_l("Open choices of content for an LMS course"), _l("8 hours")),
    (_l("Codes sent by e-mail"), _l("1 day")),
    (_l("Copies of somebody's data"), _l("7 days")),
    (_l("Log lines: no names; their storage is up to the server"), _l("as the server is set up")),
)
"""What goes by itself, and after what time; nobody needs to choose it."""
