"""Announcements in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.announcements.models import (
    ADMINISTRATORS,
    COORDINATORS,
    EVERYBODY,
    INFO,
    MAINTENANCE,
    TEACHERS,
    URGENT,
)

KINDS: dict[str, Any] = {INFO: _l("Information"), MAINTENANCE: _l("Maintenance"), URGENT: _l("Urgent")}
AUDIENCES: dict[str, Any] = {
    EVERYBODY: _l("Everybody"),
    COORDINATORS: _l("Coordinators"),
    ADMINISTRATORS: _l("LMS administrators"),
    TEACHERS: _l("Teachers"),
}
LOOKS = {INFO: ("info", "info-circle"), MAINTENANCE: ("warning", "tools"), URGENT: ("danger", "exclamation-triangle")}
"""(colour, sign) of each kind."""
HAPPENED: dict[str, Any] = {
    "announcement.add": _l("Announcement written"),
    "announcement.change": _l("Announcement changed"),
    "announcement.end": _l("Announcement ended"),
}
THINGS = {"announcement": _l("Announcement")}
