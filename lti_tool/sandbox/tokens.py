"""The token endpoint, and the check of bearer tokens on services.

Odd on purpose, as in Moodle: JSON in a text/html answer, free-text errors. Stricter than Moodle in two points that the
specification asks for: the audience has to be this platform and a `jti` is taken once.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import jwt
import requests
from flask import Blueprint, Response, request

from . import keys
from .models import ACTIVE, AccessToken, Tool, UsedOnce
from .site import site
from .store import session

bp = Blueprint("token", __name__)

LIFETIME = 3600
"""Seconds an access token is valid."""
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Refused(Exception):
    """No token; the text goes into the `error` field."""


class Unauthorized(Exception):
    """The bearer token does not allow this call."""


@bp.post("/lti/token")
def token() -> Response:
    """Give an access token for a signed assertion."""
    try:
        tool = _authenticated_tool()
        granted = [scope for scope in tool.scopes if scope in request.form.get("scope", "").split()]
        if not granted:
            raise Refused("invalid_scope")
    except Refused as refused:
        return _answer({"error": str(refused)}, 400)
    row = AccessToken(value=secrets.token_hex(24), tool=tool, scopes=granted, expires_at=int(site().clock()) + LIFETIME)
    session().add(row)
    answer = {"access_token": row.value, "token_type": "Bearer", "expires_in": LIFETIME, "scope": " ".join(granted)}
    return _answer(answer, 200)


def _answer(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, content_type="text/html; charset=utf-8")


def _authenticated_tool() -> Tool:
    form = request.form
    if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != _ASSERTION:
        raise Refused("invalid_request")
    assertion = form.get("client_assertion", "")
    try:
        header = jwt.get_unverified_header(assertion)
        claimed = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise Refused("invalid_request") from error
    tool = session().query(Tool).filter_by(client_id=str(claimed.get("sub")), state=ACTIVE).one_or_none()
    if tool is None or claimed.get("iss") != tool.client_id:
        raise Refused("invalid_client")
    if not header.get("kid"):
        raise Refused("error/Error: kid must be provided in JWT header.")
    _check_signature(tool, assertion, header["kid"])
    _check_claims(claimed)
    return tool


def _check_signature(tool: Tool, assertion: str, kid: str) -> None:
    try:
        key = keys.tool_key(site(), tool.jwks_uri, kid)
    except (requests.RequestException, ValueError, KeyError) as error:
        raise Refused("error/Error: the key set cannot be read.") from error
    if key is None:
        raise Refused('"kid" invalid, unable to lookup correct key')
    try:
        jwt.PyJWS().decode(assertion, key, algorithms=["RS256"])
    except jwt.PyJWTError as error:
        raise Refused("Signature verification failed") from error


def _check_claims(claims: dict[str, Any]) -> None:
    """Audience, times and single use, by the school's own clock."""
    now = site().now()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not {f"{site().url}/lti/token", site().url} & set(audiences):
        raise Refused("invalid_audience")
    if not isinstance(claims.get("exp"), int | float) or claims["exp"] <= now:
        raise Refused("Expired token")
    if not isinstance(claims.get("iat"), int | float) or claims["iat"] > now + 1:
        raise Refused("Cannot handle token with iat in the future")
    used = f"assertion {claims.get('sub')} {claims.get('jti')}"
    if not claims.get("jti") or session().get(UsedOnce, used) is not None:
        raise Refused("jti missing or already used")
    session().add(UsedOnce(value=used, used_at=now))


def bearer(*scopes: str) -> Tool:
    """The active tool that calls with a token for one of `scopes`; raises Unauthorized."""
    value = request.headers.get("Authorization", "").removeprefix("Bearer ")
    row = session().get(AccessToken, value)
    if row is None or row.expires_at <= site().now() or not set(scopes) & set(row.scopes):
        raise Unauthorized
    if row.tool.state != ACTIVE:
        raise Unauthorized
    return row.tool
