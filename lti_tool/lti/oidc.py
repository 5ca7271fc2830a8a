"""OpenID Connect third-party initiated login, tool side, and the answer to it (Security Framework 1.1, section 5.1).

The platform opens our login address; we send the browser to its authorization address with a *state* and a *nonce*;
it posts an *id_token* (the launch) back. The state is a signed, timed text, so a login stores nothing here; whoever
accepts a launch must insert `Received.state_hash` into a set of used ones, once, and refuse when it is there already.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeGuard
from urllib.parse import urlencode

from lti_tool.lti import claims as c
from lti_tool.lti import state as states
from lti_tool.lti.jwks import PlatformKeys
from lti_tool.lti.messages import Launch, parse
from lti_tool.lti.platform import Candidate, Platform, origin
from lti_tool.lti.refusals import LaunchRefused, Refusal
from lti_tool.lti.state import STATE_SECONDS, LoginState
from lti_tool.lti.token import take_apart

LEEWAY = 60
"""Seconds by which a platform's clock may differ from ours."""
MAX_AGE = 300
"""Seconds after which a token is too old, whatever its own end."""
_LONGEST = {"iss": 1000, "client_id": 255, "login_hint": 4000, "lti_message_hint": 8000, "lti_deployment_id": 255}
_FRAME_NAME = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_ERRORS = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    }
)
"""Error codes of OpenID Connect Core, section 3.1.2.6, and OAuth 2.0; anything else is told as "other"."""


class Proof(StrEnum):
    """How far it is proved that the browser that brings the launch is the one that began the login."""

    COOKIE = "cookie"
    STORAGE = "storage"
    """No cookie, but the platform offered its storage: the page must get state and nonce back from it."""
    NONE = "none"
    """Ask for a click in a new tab before signing anybody in (login CSRF)."""


@dataclass(frozen=True)
class LoginStart:
    """Where to send the browser (302), and the cookie to set for this login."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    cookie_name: str
    cookie_value: str = field(repr=False)
    cookie_seconds: int
    storage_target: str | None
    """Frame of the platform's storage; state and nonce are to be put there before the redirect."""
    storage_origin: str | None
    """The only origin that frame may have."""
    platform_id: int


@dataclass(frozen=True)
class Received:
    """A launch whose every check has passed; what is left is using up its state and looking at `proof`."""

    launch: Launch
    platform: Platform
    state_hash: str
    """SHA-256 of the state, hexadecimal."""
    expires: datetime
    """After this the state is refused anyway: the used-up mark may go."""
    proof: Proof
    cookie_name: str
    """Of this login; to be deleted now."""
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    storage_target: str | None
    storage_origin: str | None


def begin(
    params: Mapping[str, str],
    *,
    find: Callable[[str, str | None], Iterable[Candidate]],
    redirect_uri: str,
    secret_key: str,
    now: datetime | None = None,
) -> LoginStart:
    """Answer a login initiation. `find(issuer, client_id or None)` gives the registrations that may be meant.

    `redirect_uri` is the tool's one launch address; what the platform wants opened comes with the launch itself.
    Raises LaunchRefused (LOGIN_…, PLATFORM_…).
    """
    for name, limit in _LONGEST.items():
        if len(params.get(name, "")) > limit:
            raise LaunchRefused(Refusal.LOGIN_PARAMETER_TOO_LONG, parameter=name)
    for name in ("iss", "login_hint"):
        if not params.get(name):
            raise LaunchRefused(Refusal.LOGIN_INCOMPLETE, parameter=name)
    deployment = params.get("lti_deployment_id", "")
    platform = _meant(find(params["iss"], params.get("client_id") or None), deployment)
    target = params.get("lti_storage_target", "")
    target = target if _FRAME_NAME.fullmatch(target) else ""
    login = states.new_state(platform.id, deployment, target, int((now or datetime.now(UTC)).timestamp()))
    state = states.dump(login, secret_key)
    nonce = states.nonce(state, secret_key)
    cookie_name, cookie_value = states.cookie(login, secret_key, https=redirect_uri.startswith("https://"))
    return LoginStart(
        url=_authorization_url(platform, params, redirect_uri, state, nonce),
        state=state,
        nonce=nonce,
        cookie_name=cookie_name,
        cookie_value=cookie_value,
        cookie_seconds=STATE_SECONDS,
        storage_target=target or None,
        storage_origin=origin(platform.auth_url) if target else None,
        platform_id=platform.id,
    )


def _meant(candidates: Iterable[Candidate], deployment: str) -> Platform:
    """The one registration that fits; a deployment id decides between several, and nothing is ever guessed."""
    found = list(candidates)
    if not found:
        raise LaunchRefused(Refusal.PLATFORM_UNKNOWN)
    if len(found) > 1:
        found = [candidate for candidate in found if deployment and deployment in candidate.deployment_ids]
    if len(found) != 1:
        raise LaunchRefused(Refusal.PLATFORM_AMBIGUOUS)
    return found[0].platform


def _authorization_url(platform: Platform, params: Mapping[str, str], redirect_uri: str, state: str, nonce: str) -> str:
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": redirect_uri,
        "login_hint": params["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if params.get("lti_message_hint"):
        query["lti_message_hint"] = params["lti_message_hint"]
    address = platform.auth_url.partition("#")[0]
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return address + joint + urlencode(query)


def receive(
    form: Mapping[str, str],
    *,
    cookies: Mapping[str, str],
    platform_by_id: Callable[[int], Platform | None],
    keys: PlatformKeys,
    redirect_uri: str,
    secret_key: str,
    now: datetime | None = None,
) -> Received:
    """Check the form posted to the redirect_uri, cheapest checks first. Raises LaunchRefused."""
    now = now or datetime.now(UTC)
    token = form.get("state", "")
    login = states.load(token, secret_key, int(now.timestamp()))
    cookie_name, cookie_value = states.cookie(login, secret_key, https=redirect_uri.startswith("https://"))
    nonce = states.nonce(token, secret_key)
    state_hash = states.fingerprint(token)
    try:
        proof = _proof(cookies.get(cookie_name), cookie_value, login)
        platform = platform_by_id(login.platform_id)
        if platform is None:
            raise LaunchRefused(Refusal.PLATFORM_UNKNOWN)
        launch = _launch(form, login, nonce, platform=platform, keys=keys, redirect_uri=redirect_uri, now=now)
    except LaunchRefused as refused:
        refused.platform_id, refused.state_hash = login.platform_id, state_hash
        raise
    return Received(
        launch=launch,
        platform=platform,
        state_hash=state_hash,
        expires=datetime.fromtimestamp(login.issued_at, UTC) + timedelta(seconds=STATE_SECONDS + 1),
        proof=proof,
        cookie_name=cookie_name,
        state=token,
        nonce=nonce,
        storage_target=login.storage_target or None,
        storage_origin=origin(platform.auth_url) if login.storage_target else None,
    )


def _proof(sent: str | None, right: str, login: LoginState) -> Proof:
    if sent is None:
        return Proof.STORAGE if login.storage_target else Proof.NONE
    if not hmac.compare_digest(sent.encode(errors="replace"), right.encode()):
        raise LaunchRefused(Refusal.BROWSER_MISMATCH)
    return Proof.COOKIE


def _launch(
    form: Mapping[str, str],
    login: LoginState,
    nonce: str,
    *,
    platform: Platform,
    keys: PlatformKeys,
    redirect_uri: str,
    now: datetime,
) -> Launch:
    error = form.get("error")
    if error:
        raise LaunchRefused(Refusal.PLATFORM_ERROR, error=error if error in _ERRORS else "other")
    token = take_apart(form.get("id_token", ""))
    _check_parties(token.claims, platform)
    _check_times(token.claims, now.timestamp())
    _check_login(token.claims, login, nonce)
    token.verify(keys.key(platform, token.kid, now))
    return parse(token.claims, tool_url=redirect_uri)


def _check_parties(claims: Mapping[str, Any], platform: Platform) -> None:
    """From the issuer of this login, for us alone or with us as the authorized party (Security Framework, 5.1.3)."""
    if claims.get("iss") != platform.issuer:
        raise LaunchRefused(Refusal.ISSUER_MISMATCH)
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = audience if isinstance(audience, list) else [audience]
    if platform.client_id not in audiences:
        raise LaunchRefused(Refusal.AUDIENCE_MISMATCH)
    if party != platform.client_id and (party is not None or len(audiences) > 1):
        raise LaunchRefused(Refusal.AUTHORIZED_PARTY_MISMATCH)


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not _is_time(issued) or not _is_time(expires):
        raise LaunchRefused(Refusal.TIMES_MISSING)
    if expires + LEEWAY < now:
        raise LaunchRefused(Refusal.TOKEN_EXPIRED, seconds=int(now - expires))
    if issued - LEEWAY > now:
        raise LaunchRefused(Refusal.TOKEN_FROM_FUTURE, seconds=int(issued - now))
    if issued + MAX_AGE + LEEWAY < now:
        raise LaunchRefused(Refusal.TOKEN_TOO_OLD, seconds=int(now - issued))


def _is_time(value: object) -> TypeGuard[float]:
    """Seconds since 1970, within reach of arithmetic."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**12


def _check_login(claims: Mapping[str, Any], login: LoginState, nonce: str) -> None:
    """The token answers this login and no other."""
    found = claims.get("nonce")
    if not isinstance(found, str) or not hmac.compare_digest(found.encode(errors="replace"), nonce.encode()):
        raise LaunchRefused(Refusal.NONCE_MISMATCH)
    if login.deployment_hint and claims.get(c.DEPLOYMENT_ID) != login.deployment_hint:
        raise LaunchRefused(Refusal.DEPLOYMENT_MISMATCH)
