"""Public keys of platforms (JWKS): cached per registration, parsed once, refetched when an unknown key id comes.

Two levels: a shared store that all processes see, and parsed keys in this process. A launch is checked only against
the keys of its own registration, even when two registrations share an address or a key id.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import InvalidKeyError
from jwt.algorithms import RSAAlgorithm

from lti_tool.core.http import BadAnswer, GuardedSession, RemoteError, json_of
from lti_tool.lti.platform import Platform
from lti_tool.lti.refusals import LaunchRefused, Refusal

FRESH = timedelta(hours=1)
"""A key set younger than this is used without asking again."""
PAUSE = timedelta(minutes=1)
"""Between two fetches for one registration, whatever key ids are claimed."""
FETCH_SECONDS = 10.0
"""A person waits for this one."""
MIN_BITS, MAX_BITS = 2048, 8192
MAX_KEYS = 50


@dataclass(frozen=True)
class StoredKeys:
    """A key set document as it was fetched."""

    document: Mapping[str, Any]
    fetched_at: datetime


class KeyStore(Protocol):
    """Where fetched key sets are shared by all processes, one per registration."""

    def get(self, platform_id: int) -> StoredKeys | None:
        """Must leave no transaction open: others may be waited for after this, and the platform asked."""

    def put(self, platform_id: int, keys: StoredKeys) -> None: ...


@dataclass(frozen=True)
class _Parsed:
    """A key set in this process: the usable keys, and the ids of those that are there but cannot be used."""

    keys: Mapping[str, RSAPublicKey]
    unusable: frozenset[str]
    fetched_at: datetime


class PlatformKeys:
    """The keys of all platforms; one object per process, safe for many threads."""

    def __init__(self, http: GuardedSession, store: KeyStore) -> None:
        self._http = http
        self._store = store
        self._parsed: dict[tuple[int, str], _Parsed] = {}
        self._tried: dict[tuple[int, str], datetime] = {}
        self._failure: dict[tuple[int, str], str] = {}
        self._locks: dict[tuple[int, str], threading.Lock] = {}

    def key(self, platform: Platform, kid: str, now: datetime | None = None) -> RSAPublicKey:
        """The public key named `kid`. Raises LaunchRefused (KEY_…, KEYS_UNAVAILABLE)."""
        now = now or datetime.now(UTC)
        known = self._parsed.get((platform.id, platform.jwks_url))
        if known is None or not _serves(known, kid, now):
            known = self._renewed(platform, kid, now)
        found = known.keys.get(kid)
        if found is None:
            code = Refusal.KEY_UNUSABLE if kid in known.unusable else Refusal.KEY_UNKNOWN
            raise LaunchRefused(code, platform_id=platform.id)
        return found

    def fetch(self, platform: Platform, now: datetime | None = None) -> list[str]:
        """Fetch and store the key set now; returns the ids of usable keys. Raises core.http.RemoteError."""
        return sorted(self._fetch(platform, now or datetime.now(UTC)).keys)

    def _renewed(self, platform: Platform, kid: str, now: datetime) -> _Parsed:
        """The newest set that can be had without asking the platform more than once a minute."""
        place = (platform.id, platform.jwks_url)
        known = self._newest(place, now)  # before the lock: nobody waits for it with a transaction open
        if known is not None and _serves(known, kid, now):
            return known
        with self._locks.setdefault(place, threading.Lock()):
            known = self._newest(place, now)
            good = known is not None and _serves(known, kid, now)
            if not good and self._may_ask(place, known, now):
                self._tried[place] = now
                try:
                    known = self._fetch(platform, now)
                except RemoteError as error:
                    self._failure[place] = error.reason
            if known is None:
                reason = self._failure.get(place, "")
                raise LaunchRefused(Refusal.KEYS_UNAVAILABLE, platform_id=platform.id, reason=reason)
            return known

    def _newest(self, place: tuple[int, str], now: datetime) -> _Parsed | None:
        """Of this process or, when another process has fetched since, of the shared store."""
        known = self._parsed.get(place)
        stored = self._store.get(place[0])
        if stored is not None and (known is None or stored.fetched_at > known.fetched_at):
            known = self._parsed[place] = _parse(stored.document, stored.fetched_at)
        return known

    def _may_ask(self, place: tuple[int, str], known: _Parsed | None, now: datetime) -> bool:
        """Not within a minute of the last time; one that lies further ahead tells of a clock that was set back."""
        tried = self._tried.get(place)
        fetched = known.fetched_at if known else None
        return all(moment is None or abs(now - moment) >= PAUSE for moment in (tried, fetched))

    def _fetch(self, platform: Platform, now: datetime) -> _Parsed:
        document = fetch_key_set(self._http, platform.jwks_url)
        parsed = _parse(document, now)
        self._store.put(platform.id, StoredKeys(document, now))
        self._parsed[platform.id, platform.jwks_url] = parsed
        self._failure.pop((platform.id, platform.jwks_url), None)
        return parsed


def fetch_key_set(http: GuardedSession, url: str) -> dict[str, Any]:
    """The key set at an address, without keeping it. Raises core.http.RemoteError."""
    response = http.request("GET", url, headers={"Accept": "application/json"}, deadline=FETCH_SECONDS)
    if response.status_code != 200:
        raise BadAnswer(f"status_{response.status_code}")
    document = json_of(response)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise BadAnswer("not_a_key_set")
    return {"keys": document["keys"][:MAX_KEYS]}


def usable_keys(document: Mapping[str, Any]) -> dict[str, int]:
    """Key id → modulus of the usable keys: equal pairs in two sets mean the same key."""
    parsed = _parse(document, datetime.now(UTC))
    return {kid: key.public_numbers().n for kid, key in parsed.keys.items()}


def _serves(known: _Parsed, kid: str, now: datetime) -> bool:
    """Can this set be used without asking again?"""
    return kid in known.keys and now - known.fetched_at <= FRESH


def _parse(document: Mapping[str, Any], fetched_at: datetime) -> _Parsed:
    keys: dict[str, RSAPublicKey] = {}
    named: set[str] = set()
    for jwk in document["keys"]:
        if isinstance(jwk, dict) and isinstance(kid := jwk.get("kid"), str):
            named.add(kid)
            key = _usable(jwk)
            if key is not None:
                keys.setdefault(kid, key)
    return _Parsed(keys, frozenset(named - set(keys)), fetched_at)


def _usable(jwk: Mapping[str, Any]) -> RSAPublicKey | None:
    """The key, if it is a public RSA key meant for RS256 signatures and neither weak nor absurdly large."""
    meant = jwk.get("kty") == "RSA" and jwk.get("use", "sig") == "sig" and jwk.get("alg", "RS256") == "RS256"
    uses = jwk.get("key_ops", ["verify"])
    if not meant or not isinstance(uses, list) or "verify" not in uses:
        return None
    try:
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": str(jwk["n"]), "e": str(jwk["e"])})
    except (InvalidKeyError, UnsupportedAlgorithm, KeyError, ValueError, TypeError, OverflowError):
        return None
    return key if isinstance(key, RSAPublicKey) and MIN_BITS <= key.key_size <= MAX_BITS else None
