"""Finding the next page of a service's answer in its Link header (RFC 8288), as platforms really write it."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lti_tool.lti import moodle

_LINK = re.compile(r'<(?P<url>[^>]*)>(?P<parameters>(?:[^",<]|"[^"]*")*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<token>[^\s;,"]+))', re.IGNORECASE)
MAX_HEADER = 10_000


def next_page(header: str | None, url: str) -> str | None:
    """The absolute address of the page after `url`; None on the last page. The address keeps its letters' case."""
    if not header or len(header) > MAX_HEADER:
        return None
    header = moodle.readable_link_header(header)
    for link in _LINK.finditer(header):
        if _is_next(link["parameters"]):
            return _absolute(url, link["url"].strip())
    bare = moodle.bare_next(header)
    return _absolute(url, bare) if bare else None


def _absolute(base: str, found: str) -> str | None:
    try:
        return urljoin(base, found)
    except ValueError:
        return None


def _is_next(parameters: str) -> bool:
    rel = _REL.search(parameters)
    return rel is not None and "next" in (rel["quoted"] or rel["token"] or "").lower().split()
