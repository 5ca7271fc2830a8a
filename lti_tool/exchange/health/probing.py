"""Looking whether something is still there: at an address, in the storage. Runs outside any transaction."""

from __future__ import annotations

from collections.abc import Iterable

from lti_tool.core.storage import current_storage
from lti_tool.exchange.health.models import BLOCKED, NO_FILE, NOT_FOUND, UNREACHABLE
from lti_tool.exchange.importing.fetching import GONE, follow
from lti_tool.exchange.importing.items import Refused

LOOKED_AT = 64 * 1024
"""Bytes taken where a server tells nothing of what it has without sending it."""
_CLOSED = (401, 403, 405, 406, 429, 501)
"""It is there, but not for a machine that asks like this."""


_REFUSED = {"too_large": "", "no_tls": "", "blocked": BLOCKED, "address": BLOCKED}
"""What is not asked over an open connection is not judged."""


def fault_of_address(url: str) -> str:
    """What is wrong with an address; empty: it answers, if only by asking who is there."""
    try:
        status = _status("HEAD", url)
        if status >= 400 and status not in (401, 429):
            status = _status("GET", url)
    except Refused as refused:
        return _REFUSED.get(refused.code, UNREACHABLE)
    if status in GONE:
        return NOT_FOUND
    return "" if status < 400 or status in _CLOSED else UNREACHABLE


def _status(method: str, url: str) -> int:
    return follow(method, url, most_bytes=LOOKED_AT)[1]


def fault_of_files(keys: Iterable[str]) -> str:
    """NO_FILE unless the storage has each."""
    storage = current_storage()
    for key in keys:
        try:
            next(iter(storage.read(key, 0, 1)), b"")
        except FileNotFoundError:
            return NO_FILE
    return ""
