"""The tool's own signing keys: a directory of RSA keys with one metadata file.

Several keys may be published at once. A new key is published a day before it signs, and an old one stays a day after
it last signed, so that platforms that cache our key set never meet an unknown key.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.utils import to_base64url_uint

LEAD = timedelta(hours=24)
"""A key is published this long before it signs."""
OVERLAP = timedelta(hours=24)
"""A key stays published this long after it last signed."""
METADATA = "keys.json"
_LOCK = ".lock"

Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class KeyInfo:
    """One key's life, for `keys list`."""

    kid: str
    published: datetime
    first_used: datetime
    """When it begins, or began, to sign."""
    retired: datetime | None
    """When it leaves the published set; None: no successor yet."""
    state: str
    """waiting, signing or overlap."""


@dataclass(frozen=True)
class _Record:
    """One line of the metadata file."""

    kid: str
    published: datetime
    signs_from: datetime
    signs_until: datetime | None = None

    @property
    def leaves(self) -> datetime | None:
        return self.signs_until and self.signs_until + OVERLAP

    def is_published(self, now: datetime) -> bool:
        return self.leaves is None or now < self.leaves


class KeyRing:
    """The keys in `directory`; the first is generated when there is none. Safe for several processes at once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self._records: tuple[_Record, ...] = ()
        self._stamp: Stamp | None = None
        self._loading = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(PermissionError):  # a mounted volume of another owner; the files below are closed all the same
            directory.chmod(0o700)
        if not self._metadata.exists():
            self._first_key()

    def sign(self, claims: Mapping[str, Any], now: datetime | None = None) -> str:
        """A compact RS256 JWT with the current key's id in its header."""
        kid = _signing(self._current(), now or datetime.now(UTC)).kid
        return jwt.encode(dict(claims), self._key(kid), algorithm="RS256", headers={"kid": kid})

    def rotate(self, now: datetime | None = None) -> str:
        """Publish a new key that takes over in a day; returns its id (the waiting one's, when there is one)."""
        now = now or datetime.now(UTC)
        with self._locked():
            records = self._current()
            waiting = next((record.kid for record in records if record.signs_from > now), None)
            if waiting is not None:
                return waiting
            starts = now + LEAD
            kept = [
                replace(record, signs_until=record.signs_until or starts)
                for record in records
                if record.is_published(now)
            ]
            kid = self._generate()
            self._write([*kept, _Record(kid, now, starts)])
            for gone in {record.kid for record in records} - {record.kid for record in kept}:
                (self._directory / f"{gone}.pem").unlink(missing_ok=True)
            return kid

    def public_jwks(self, now: datetime | None = None) -> dict[str, list[dict[str, str]]]:
        """The published key set: kid, kty, alg, use, n and e of every key, nothing private."""
        now = now or datetime.now(UTC)
        published = [record.kid for record in self._current() if record.is_published(now)]
        return {"keys": [_public(kid, self._key(kid)) for kid in published]}

    def describe(self, now: datetime | None = None) -> list[KeyInfo]:
        """Every published key, oldest first."""
        now = now or datetime.now(UTC)
        records = self._current()
        signing = _signing(records, now).kid
        return [
            KeyInfo(
                kid=record.kid,
                published=record.published,
                first_used=record.signs_from,
                retired=record.leaves,
                state="waiting" if record.signs_from > now else "signing" if record.kid == signing else "overlap",
            )
            for record in records
            if record.is_published(now)
        ]

    @property
    def _metadata(self) -> Path:
        return self._directory / METADATA

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process and thread at a time; the lock goes with the process that holds it."""
        with os.fdopen(os.open(self._directory / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _first_key(self) -> None:
        with self._locked():
            if not self._metadata.exists():
                now = datetime.now(UTC)
                self._write([_Record(self._generate(), now, now)])

    def _generate(self) -> str:
        kid = secrets.token_urlsafe(12)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._replace(f"{kid}.pem", pem)
        return kid

    def _write(self, records: list[_Record]) -> None:
        rows = [
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(record).items()}
            for record in records
        ]
        self._replace(METADATA, json.dumps({"keys": rows}, indent=1).encode())

    def _replace(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, readable by the owner only."""
        draft = self._directory / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._directory / name)

    def _current(self) -> tuple[_Record, ...]:
        """The metadata, read again when another process has changed it."""
        found = self._metadata.stat()
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        if stamp != self._stamp:
            with self._loading:
                rows = json.loads(self._metadata.read_bytes())["keys"]
                self._records = tuple(_record(row) for row in rows)
                self._stamp = stamp
        return self._records

    def _key(self, kid: str) -> rsa.RSAPrivateKey:
        """Parsed once: checking a private key takes tens of milliseconds."""
        key = self._keys.get(kid)
        if key is None:
            with self._loading:
                loaded = serialization.load_pem_private_key((self._directory / f"{kid}.pem").read_bytes(), None)
                assert isinstance(loaded, rsa.RSAPrivateKey)
                key = self._keys[kid] = loaded
        return key


def _record(row: Mapping[str, str | None]) -> _Record:
    until = row["signs_until"]
    return _Record(
        kid=str(row["kid"]),
        published=datetime.fromisoformat(str(row["published"])),
        signs_from=datetime.fromisoformat(str(row["signs_from"])),
        signs_until=datetime.fromisoformat(until) if until else None,
    )


def _signing(records: tuple[_Record, ...], now: datetime) -> _Record:
    """The newest key whose time has come; the oldest while a clock set back makes all of them wait."""
    begun = [record for record in records if record.signs_from <= now]
    return max(begun, key=lambda record: record.signs_from) if begun else records[0]


def _public(kid: str, key: rsa.RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "kid": kid,
        "alg": "RS256",
        "use": "sig",
        "n": to_base64url_uint(numbers.n).decode(),
        "e": to_base64url_uint(numbers.e).decode(),
    }
