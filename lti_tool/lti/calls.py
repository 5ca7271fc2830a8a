"""Authorised calls to one platform's services: token, one retry after a 401, and an error that says what to do.

An *access token* is got by a signed assertion (Security Framework 1.1, section 4.1) and shared by all workers through
a store of the caller's.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import requests

from lti_tool.core import http as web
from lti_tool.core.http import GuardedSession
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.platform import Platform, origin, origins_of

EARLY = timedelta(seconds=60)
"""A token is dropped this long before it ends."""
ASSERTION_SECONDS = 240
BACKDATED_SECONDS = 5
"""Platforms refuse an assertion from the future: Moodle allows no difference of clocks."""
DEFAULT_LIFE = 600
"""Seconds a token is taken to live when the platform does not say."""
LOCK_SECONDS = 30
"""A worker that fetches a token and dies lets the others wait this long."""
WAIT_SECONDS = 15.0
POLL_SECONDS = 0.1
_TOKEN_ERRORS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
_LATER = frozenset({408, 425, 429})
_MAX_PAUSE = 24 * 3600


class ServiceError(Exception):
    """A call to a platform that did not work. Holds a code and a status, never an answer's text."""

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(f"{code} ({status})" if status else code)
        self.code = code
        self.status = status


class Retry(ServiceError):
    """Try again later; `after` seconds when the platform asked for it."""

    def __init__(self, code: str, status: int | None = None, after: int | None = None) -> None:
        super().__init__(code, status)
        self.after = after


class Refused(ServiceError):
    """The same call would be refused again."""


class Superseded(ServiceError):
    """The gradebook holds a later grade (409): do not send this one again."""


class TokenRefused(ServiceError):
    """The platform gives us no token, or does not accept the one it gave."""


@dataclass(frozen=True)
class ServiceToken:
    """An access token and what it is good for."""

    value: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str] = frozenset()
    """As the token endpoint said; what was asked for when it said nothing."""


class TokenStore(Protocol):
    """Tokens shared by all processes, with a lock so that only one of them fetches.

    `scopes` is the sorted list joined by spaces.
    """

    def get(self, platform_id: int, scopes: str) -> ServiceToken | None: ...
    def put(self, platform_id: int, scopes: str, token: ServiceToken) -> None:
        """Store the token and free the lock."""

    def drop(self, platform_id: int, scopes: str, value: str) -> None:
        """Forget the token, but only if it is still this one."""

    def lock(self, platform_id: int, scopes: str, seconds: int) -> bool:
        """Take the right to fetch for some seconds; False when another has it. Must be one atomic step."""

    def unlock(self, platform_id: int, scopes: str) -> None: ...


class AccessTokens:
    """Service tokens of one platform (client credentials with a signed assertion)."""

    def __init__(self, platform: Platform, *, http: GuardedSession, keyring: KeyRing, store: TokenStore) -> None:
        self._platform = platform
        self._http = http
        self._keyring = keyring
        self._store = store

    def get(self, scopes: Collection[str]) -> ServiceToken:
        """A token good for at least a minute; asks the platform only when no worker has one. Raises ServiceError."""
        wanted = " ".join(sorted(scopes))
        ends = time.monotonic() + WAIT_SECONDS
        while True:
            token = self._stored(wanted)
            if token is not None:
                return token
            if self._store.lock(self._platform.id, wanted, LOCK_SECONDS):
                return self._stored(wanted, unlock=True) or self._fetched(wanted)
            if time.monotonic() > ends:
                raise Retry("token_busy")
            time.sleep(POLL_SECONDS)

    def drop(self, token: ServiceToken, scopes: Collection[str]) -> None:
        """Forget a token the platform no longer accepts."""
        self._store.drop(self._platform.id, " ".join(sorted(scopes)), token.value)

    def fetch(self, scopes: Collection[str]) -> ServiceToken:
        """Ask the platform now, past the store. Raises ServiceError."""
        wanted = " ".join(sorted(scopes))
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(),
            "scope": wanted,
        }
        asked_at = datetime.now(UTC)
        response = send(self._http, "POST", self._platform.token_url, data=form, headers={"Accept": "application/json"})
        if response.status_code in _LATER or response.status_code >= 500:
            raise Retry("token_unavailable", response.status_code, retry_after(response))
        answer = _object(response)
        if response.status_code != 200:
            error = answer.get("error")
            code = error if isinstance(error, str) and error in _TOKEN_ERRORS else "token_refused"
            raise TokenRefused(code, response.status_code)
        return _token(answer, wanted, asked_at)

    def _stored(self, wanted: str, *, unlock: bool = False) -> ServiceToken | None:
        token = self._store.get(self._platform.id, wanted)
        if token is None or token.expires_at - EARLY <= datetime.now(UTC):
            return None
        if unlock:  # another worker was done between our look and our lock
            self._store.unlock(self._platform.id, wanted)
        return token

    def _fetched(self, wanted: str) -> ServiceToken:
        try:
            token = self.fetch(wanted.split())
        except BaseException:
            self._store.unlock(self._platform.id, wanted)
            raise
        self._store.put(self._platform.id, wanted, token)
        return token

    def _assertion(self) -> str:
        now = int(time.time())
        return self._keyring.sign(
            {
                "iss": self._platform.client_id,
                "sub": self._platform.client_id,
                "aud": self._platform.token_audience or self._platform.token_url,
                "iat": now - BACKDATED_SECONDS,
                "exp": now + ASSERTION_SECONDS,
                "jti": secrets.token_urlsafe(16),
            }
        )


def _object(response: requests.Response) -> dict[str, Any]:
    """The token endpoint's JSON object; Moodle labels it as HTML, and gives HTML when it cannot read our keys."""
    try:
        answer = web.json_of(response)
    except web.BadAnswer:
        answer = None
    if isinstance(answer, dict):
        return answer
    if response.status_code == 200:
        raise Retry("token_not_json", 200)
    return {}


def _token(answer: dict[str, Any], wanted: str, asked_at: datetime) -> ServiceToken:
    value, life, granted = answer.get("access_token"), answer.get("expires_in"), answer.get("scope")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not 0 < len(value) <= 8000:
        raise Retry("token_unusable", 200)
    if isinstance(life, str) and life.isdecimal() and len(life) < 10:
        life = int(life)
    seconds = life if isinstance(life, int | float) and 0 < life < 10**9 else DEFAULT_LIFE
    scopes = frozenset(granted.split()) if isinstance(granted, str) and granted.strip() else frozenset(wanted.split())
    return ServiceToken(value, asked_at + timedelta(seconds=seconds), scopes)


class Caller:
    """Sends authorised requests to one platform, only to origins that belong to it."""

    def __init__(
        self, platform: Platform, *, http: GuardedSession, tokens: AccessTokens, origins: Collection[str] = ()
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._held: dict[tuple[str, ...], ServiceToken] = {}
        self._origins = origins_of(platform, origins)

    def call(self, method: str, url: str, scopes: Collection[str], **options: Any) -> requests.Response:
        """The answer, status 200 to 204. Raises ServiceError."""
        if origin(url) not in self._origins:
            raise Refused("foreign_address")
        headers = options.pop("headers", {})
        for attempt in (1, 2):
            token = self._token(scopes)
            if not token.scopes & set(scopes):
                raise Refused("scope_not_granted")
            bearer = {"Authorization": f"Bearer {token.value}"}
            response = send(self._http, method, url, headers=headers | bearer, **options)
            if response.status_code != 401:
                break
            self._held.pop(tuple(scopes), None)
            self._tokens.drop(token, scopes)
            if attempt == 2:
                raise TokenRefused("unauthorized", 401)
        _check(response)
        return response

    def _token(self, scopes: Collection[str]) -> ServiceToken:
        """The token of the call before, while it is good: a roster of many pages asks the store once."""
        held = self._held.get(tuple(scopes))
        if held is None or held.expires_at - EARLY <= datetime.now(UTC):
            held = self._held[tuple(scopes)] = self._tokens.get(scopes)
        return held


def send(http: GuardedSession, method: str, url: str, **options: Any) -> requests.Response:
    """One request; what the guard says becomes a ServiceError."""
    try:
        return http.request(method, url, **options)
    except (web.Blocked, web.TooLarge) as error:
        raise Refused(error.reason) from None
    except web.RemoteError as error:
        raise Retry(error.reason) from None


def _check(response: requests.Response) -> None:
    status = response.status_code
    if status in (200, 201, 202, 204):
        return
    if status in _LATER or status >= 500:
        raise Retry("busy" if status == 429 else "platform_trouble", status, retry_after(response))
    codes = {400: "bad_request", 403: "forbidden", 404: "not_found", 409: "conflict", 410: "not_found"}
    raise Refused("redirected" if 300 <= status < 400 else codes.get(status, "refused"), status)


def retry_after(response: requests.Response) -> int | None:
    """Seconds from a Retry-After header, given as seconds or as a date (RFC 9110, section 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal() and len(value) < 10:
        return min(int(value), _MAX_PAUSE)
    try:
        seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(int(seconds), 0), _MAX_PAUSE)
