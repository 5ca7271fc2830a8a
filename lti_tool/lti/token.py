"""An id_token as a signed thing: its three parts, its header, and the one signature we accept.

Taken apart here rather than by PyJWT because the claims that cost nothing to check come before the signature, and
because PyJWT's own decoding checks every character in Python, which takes longer than the RSA verification.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from lti_tool.lti.refusals import LaunchRefused, Refusal

MAX_TOKEN = 64 * 1024
"""Characters; Moodle's tokens have about 4,000."""
MAX_KEY_ID = 255
_COMPACT = re.compile(r"([\w-]+)\.([\w-]+)\.([\w-]*)", re.ASCII)
_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)


@dataclass(frozen=True)
class IdToken:
    """A token whose signature is still to be checked."""

    kid: str
    claims: dict[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def verify(self, key: RSAPublicKey) -> None:
        """Raises LaunchRefused unless `key` signed this token with RS256."""
        if not _RS256.verify(self.signed, key, self.signature):
            raise LaunchRefused(Refusal.SIGNATURE_INVALID)


def take_apart(token: str) -> IdToken:
    """Raises LaunchRefused (TOKEN_…, ALGORITHM_REFUSED, KEY_ID_MISSING)."""
    if not token:
        raise LaunchRefused(Refusal.TOKEN_MISSING)
    if len(token) > MAX_TOKEN:
        raise LaunchRefused(Refusal.TOKEN_TOO_LONG)
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise LaunchRefused(Refusal.TOKEN_MALFORMED)
    header = _json(parts[1])
    if header.get("alg") != "RS256" or "crit" in header:
        raise LaunchRefused(Refusal.ALGORITHM_REFUSED)
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KEY_ID:
        raise LaunchRefused(Refusal.KEY_ID_MISSING)
    return IdToken(kid, _json(parts[2]), token[: parts.end(2)].encode(), _bytes(parts[3]))


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise LaunchRefused(Refusal.TOKEN_MALFORMED) from None


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part), parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise LaunchRefused(Refusal.TOKEN_MALFORMED) from None
    if not isinstance(found, dict):
        raise LaunchRefused(Refusal.TOKEN_MALFORMED)
    return found


def _not_json(constant: str) -> NoReturn:
    """NaN and Infinity are numbers to Python's reader only."""
    raise ValueError(constant)
