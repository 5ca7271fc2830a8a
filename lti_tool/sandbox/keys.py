"""The platform's signing keys, and reading a tool's public keys."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy.orm import Session

from .models import SigningKey
from .site import Site

TIMEOUT = (3, 5)
"""Seconds to connect to and to wait for a tool's key set."""


_throwaway: dict[str, str] = {}


def new_pem() -> str:
    """A fresh RSA private key as PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@lru_cache(maxsize=64)
def parsed(pem: str) -> rsa.RSAPrivateKey:
    """The key object of a PEM text; parsing is slow, so it is done once per process."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def throwaway_pem(school: str) -> str:
    """One key per school address for databases in memory: creating that school again costs nothing."""
    if school not in _throwaway:
        _throwaway[school] = new_pem()
    return _throwaway[school]


def add_key(session: Session, pem: str) -> SigningKey:
    """Publish a key and sign with it from now on."""
    row = SigningKey(kid=hashlib.sha256(pem.encode()).hexdigest()[:20], pem=pem)
    session.add(row)
    session.flush()
    return row


def current_key(session: Session) -> SigningKey:
    """The key that signs: the newest one."""
    return session.query(SigningKey).order_by(SigningKey.id.desc()).limit(1).one()


def rotate(session: Session, *, keep_old: bool) -> SigningKey:
    """Sign with a new key; the old ones stay published only when `keep_old`."""
    if not keep_old:
        session.query(SigningKey).delete()
    return add_key(session, new_pem())


def sign(session: Session, payload: dict[str, Any]) -> str:
    """`payload` as a JWT signed by the current key."""
    key = current_key(session)
    return jwt.encode(payload, parsed(key.pem), algorithm="RS256", headers={"kid": key.kid})


def public_set(session: Session) -> dict[str, Any]:
    """The platform's JWKS."""
    return {"keys": [_public(row) for row in session.query(SigningKey).order_by(SigningKey.id)]}


def _public(row: SigningKey) -> dict[str, Any]:
    key: dict[str, Any] = RSAAlgorithm.to_jwk(parsed(row.pem).public_key(), as_dict=True)
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": row.kid, "n": key["n"], "e": key["e"]}


def tool_key(site: Site, jwks_uri: str, kid: str) -> jwt.PyJWK | None:
    """The tool's public key named `kid`, fetched again once when it is unknown."""
    for fresh in (False, True):
        if fresh or jwks_uri not in site.key_sets:
            answer = site.http.get(jwks_uri, timeout=TIMEOUT)
            answer.raise_for_status()
            site.key_sets[jwks_uri] = answer.json()["keys"]
        for key in site.key_sets[jwks_uri]:
            if key.get("kid") == kid:
                return jwt.PyJWK(key, algorithm="RS256")
    return None
