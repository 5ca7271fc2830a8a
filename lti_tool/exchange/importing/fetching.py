"""One address, fetched by a job: every step of the way is guarded anew."""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

from flask import current_app

from lti_tool.core.http import Blocked, GuardedSession, RemoteError, TooLarge
from lti_tool.exchange.importing.items import Refused, web_address

MOST_STEPS = 4
"""Addresses that one may lead to in turn."""
MOST_BYTES = 20 * 1024**2
SECONDS = 60.0
GONE = (404, 410)
_MOVED = (301, 302, 303, 307, 308)


def fetch(url: str, *, headers: dict[str, str] | None = None, most_bytes: int = MOST_BYTES) -> tuple[str, bytes]:
    """(the address in the end, what is there). Raises Refused: address, blocked, no_tls, unreachable, too_large, not_found."""
    url, status, content = follow("GET", url, headers=headers, most_bytes=most_bytes)
    if status in GONE:
        raise Refused("not_found")
    if status != 200:
        raise Refused("unreachable")
    return url, content


def follow(method: str, url: str, *, headers: dict[str, str] | None = None, most_bytes: int) -> tuple[str, int, bytes]:
    """(the address in the end, the status of its answer, what is there). Raises Refused: address, blocked, no_tls, unreachable, too_large."""
    for _step in range(MOST_STEPS):
        if urlsplit(url).scheme != "https":
            raise Refused("no_tls")
        try:
            answer = _http().request(method, url, headers=headers, max_bytes=most_bytes, deadline=SECONDS)
        except Blocked:
            raise Refused("blocked") from None
        except TooLarge:
            raise Refused("too_large") from None
        except RemoteError:
            raise Refused("unreachable") from None
        if answer.status_code not in _MOVED:
            break
        url = web_address(urljoin(url, answer.headers.get("Location", "")))
    return url, answer.status_code, answer.content


def _http() -> GuardedSession:
    """Anybody may name an address here: what is allowed for LMSs in private networks is not allowed for these."""
    return cast("GuardedSession", current_app.extensions["open_http"])


def name_in(url: str) -> str:
    """What a file at this address is called."""
    last = unquote(urlsplit(url).path).rpartition("/")[2]
    return re.sub(r"[\x00-\x1f]", "", last) or "file"
