"""What this package needs to know of a platform (LMS): one registration of the tool there.

*issuer* and *client_id* name the registration in messages; a *deployment* is one place of that registration, such as
a site or an account; an *origin* is scheme, host and port of an address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}


class Platform(Protocol):
    """One registration, as the administrator or dynamic registration told it."""

    @property
    def id(self) -> int: ...
    @property
    def issuer(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def auth_url(self) -> str: ...
    @property
    def token_url(self) -> str: ...
    @property
    def token_audience(self) -> str | None:
        """`aud` of the assertion for service tokens; None: the token URL."""

    @property
    def jwks_url(self) -> str: ...


@dataclass(frozen=True)
class Candidate:
    """A platform that may be meant by a login, with the deployment ids known of it."""

    platform: Platform
    deployment_ids: Collection[str] = ()


@lru_cache(maxsize=4096)
def origin(url: str) -> str | None:
    """`https://host[:port]` in lower case without a default port; None when the address is not http(s)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or parts.username is not None:
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")


def origins_of(platform: Platform, more: Iterable[str] = ()) -> frozenset[str]:
    """Where this platform's services may live: the origins of its registered addresses, and `more` origins."""
    registered = (platform.issuer, platform.auth_url, platform.token_url, platform.jwks_url, *more)
    return frozenset(found for found in map(origin, registered) if found is not None)
