"""The tool's own signing keys: a directory of RSA keys with one metadata file.

Several keys may be published at once. A new key is published a day before it signs, and an old one stays a day after
it last signed, so that platforms that cache our key set never meet an unknown key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


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


class KeyRing:
    """The keys in `directory`; the first is generated when there is none. Safe for several processes at once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def sign(self, claims: Mapping[str, Any], now: datetime | None = None) -> str:
        """A compact RS256 JWT with the current key's id in its header."""
        raise NotImplementedError

    def rotate(self, now: datetime | None = None) -> str:
        """Publish a new key that takes over in a day; returns its id (the waiting one's, when there is one)."""
        raise NotImplementedError

    def public_jwks(self, now: datetime | None = None) -> dict[str, list[dict[str, str]]]:
        """The published key set: kid, kty, alg, use, n and e of every key, nothing private."""
        raise NotImplementedError

    def describe(self, now: datetime | None = None) -> list[KeyInfo]:
        """Every published key, oldest first."""
        raise NotImplementedError
