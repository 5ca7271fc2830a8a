"""Public keys of platforms (JWKS): cached per registration, parsed once, refetched when an unknown key id comes.

Two levels: a shared store that all processes see, and parsed keys in this process. A launch is checked only against
the keys of its own registration, even when two registrations share an address or a key id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.core.http import GuardedSession
from lti_tool.lti.platform import Platform


@dataclass(frozen=True)
class StoredKeys:
    """A key set document as it was fetched."""

    document: Mapping[str, Any]
    fetched_at: datetime


class KeyStore(Protocol):
    """Where fetched key sets are shared by all processes, one per registration."""

    def get(self, platform_id: int) -> StoredKeys | None: ...
    def put(self, platform_id: int, keys: StoredKeys) -> None: ...


class PlatformKeys:
    """The keys of all platforms; one object per process, safe for many threads."""

    def __init__(self, http: GuardedSession, store: KeyStore) -> None:
        self._http = http
        self._store = store

    def key(self, platform: Platform, kid: str, now: datetime | None = None) -> RSAPublicKey:
        """The public key named `kid`. Raises LaunchRefused (KEY_…, KEYS_UNAVAILABLE)."""
        raise NotImplementedError

    def fetch(self, platform: Platform, now: datetime | None = None) -> list[str]:
        """Fetch and store the key set now; returns the ids of usable keys. Raises core.http.RemoteError."""
        raise NotImplementedError
