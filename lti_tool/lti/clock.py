"""How far a platform's clock is from ours: signed messages are only good for a minute, so the two must agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from requests import Response

from lti_tool.core.http import GuardedSession

HALF_SECOND = timedelta(seconds=0.5)
"""A Date header has whole seconds: on average the true time is half a second later."""


def clock_difference(http: GuardedSession, url: str) -> timedelta | None:
    """The platform's clock minus ours, from the Date header of its answer (RFC 9110, section 6.6.1).

    None when it sends none, or the answer comes from a cache. Good to about a second. Raises core.http.RemoteError.
    """
    before = datetime.now(UTC)
    response = http.request("GET", url, headers={"Cache-Control": "no-cache"})
    after = datetime.now(UTC)
    if response.headers.get("Age", "0").strip() not in ("", "0"):
        return None
    told = told_time(response)
    return None if told is None else told + HALF_SECOND - (before + (after - before) / 2)


def told_time(response: Response) -> datetime | None:
    """When the platform made this answer, by its own clock, in whole seconds; None when it does not say."""
    try:
        told = parsedate_to_datetime(response.headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)
