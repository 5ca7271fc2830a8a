"""The state of a login: a signed, timed text that goes through the platform and back, so that nothing is stored here.

From it and the secret key follow the *nonce* (which the platform signs into the id_token) and the value of the
*cookie* that only the browser of this login has.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from lti_tool.lti.refusals import LaunchRefused, Refusal

STATE_SECONDS = 600
"""A login must be answered within ten minutes."""
MAX_STATE = 2000
"""Longest state looked at."""


@dataclass(frozen=True)
class LoginState:
    """What a login was about."""

    id: str
    """128 bits from the system's random source."""
    issued_at: int
    platform_id: int
    deployment_hint: str
    """`lti_deployment_id` of the login; empty when not sent."""
    storage_target: str
    """`lti_storage_target` of the login; empty when not sent."""


def new_state(platform_id: int, deployment_hint: str, storage_target: str, now: int) -> LoginState:
    return LoginState(secrets.token_urlsafe(16), now, platform_id, deployment_hint, storage_target)


def dump(state: LoginState, secret_key: str) -> str:
    """The state as it travels."""
    values = [state.id, state.issued_at, state.platform_id, state.deployment_hint, state.storage_target]
    return str(_serializer(secret_key).dumps(values))


def load(token: str, secret_key: str, now: int) -> LoginState:
    """Undo dump. Raises LaunchRefused (STATE_…)."""
    if not token:
        raise LaunchRefused(Refusal.STATE_MISSING)
    try:
        if len(token) > MAX_STATE:
            raise LaunchRefused(Refusal.STATE_INVALID)
        state = LoginState(*_serializer(secret_key).loads(token))
    except (BadData, UnicodeError, TypeError):  # a TypeError: made by another version of the tool
        raise LaunchRefused(Refusal.STATE_INVALID) from None
    if not 0 <= now - state.issued_at <= STATE_SECONDS:
        raise LaunchRefused(Refusal.STATE_EXPIRED, platform_id=state.platform_id)
    return state


def nonce(token: str, secret_key: str) -> str:
    """Bound to this state, and through it to the registration; nobody else can make it."""
    return _derived(b"nonce:" + token.encode(), secret_key)


def cookie(state: LoginState, secret_key: str, *, https: bool) -> tuple[str, str]:
    """Name and value of this login's own cookie: logins in two tabs do not disturb each other."""
    prefix = "__Host-" if https else ""
    return f"{prefix}lti-{state.id[:12]}", _derived(b"browser:" + state.id.encode(), secret_key)


def fingerprint(token: str) -> str:
    """SHA-256 of the state in hexadecimal, by which it is remembered as used."""
    return hashlib.sha256(token.encode()).hexdigest()


def _derived(message: bytes, secret_key: str) -> str:
    return hmac.new(b"lti login:" + secret_key.encode(), message, hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _serializer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret_key, salt="lti login state", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
