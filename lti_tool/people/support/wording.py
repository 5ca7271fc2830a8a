"""Support access in words, and the names of the pages it may open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.people.support.models import ASKED, ENDED, GRANTED, LAPSED, OPEN, OVER, REFUSED

STATES: dict[str, tuple[str, Any]] = {
    ASKED: ("warning", _l("waits for your yes")),
    GRANTED: ("info", _l("allowed, not begun")),
    OPEN: ("warning", _l("going on now")),
    OVER: ("secondary", _l("time is over")),
    ENDED: ("secondary", _l("ended")),
    REFUSED: ("secondary", _l("refused")),
    LAPSED: ("secondary", _l("not answered or used in time")),
}
"""(kind of badge, words) of each state."""
DURATIONS_IN_WORDS = {15: _l("15 minutes"), 60: _l("1 hour"), 240: _l("4 hours")}
HAPPENED: dict[str, Any] = {
    "support.ask": _l("Support access asked for"),
    "support.granted": _l("Support access allowed"),
    "support.denied": _l("Support access refused"),
    "support.refused": _l("Change refused during support access"),
    "support.open": _l("Support access begun"),
    "support.page": _l("Page opened in support access"),
    "support.end": _l("Support access ended"),
    "support.choose": _l("Decided when support may look in"),
}
THINGS = {"support": _l("Support access")}
_pages: dict[str, Any] = {}


def open_to_support(pages: Mapping[str, Any]) -> None:
    """Let support open these pages of a school (endpoint → what the page is called); all others refuse it.

    Each page still asks its own rule, which has to name support.
    """
    _pages.update(pages)


def is_open(endpoint: str) -> bool:
    return endpoint in _pages


def page_name(endpoint: str) -> str:
    """What a page is called in the trail."""
    return str(_pages.get(endpoint, endpoint))
