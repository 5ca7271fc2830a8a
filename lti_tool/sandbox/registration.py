"""Dynamic registration, platform side: a one-time token, the required fields, a tool that arrives pending."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

import jwt
from flask import Blueprint, Response, abort, jsonify, make_response, request

from . import keys
from .models import PENDING, Tool, UsedOnce
from .names import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION
from .site import site
from .store import session

bp = Blueprint("registration", __name__)

TOKEN_LIFETIME = 3600
"""Seconds a registration token is valid."""
_REQUIRED = ("client_name", "redirect_uris", "initiate_login_uri", "jwks_uri", TOOL_CONFIGURATION)


class Refused(Exception):
    """The registration request is not acceptable; the text is the whole answer."""


def new_token() -> str:
    """A registration token for one tool that has no client_id yet."""
    now = site().now()
    payload = {"sub": secrets.token_hex(8), "scope": "reg", "iat": now, "exp": now + TOKEN_LIFETIME}
    return keys.sign(session(), payload)


@bp.post("/lti/registration")
def register() -> Response:
    """Take a registration request; Moodle's answers to mistakes are plain text with status 400."""
    client_id = _spend_token()
    body = request.get_json(force=True, silent=True)
    try:
        if not isinstance(body, dict):
            raise Refused("invalid_json")
        tool = _tool(client_id, body)
    except Refused as refused:
        answer = make_response(str(refused), 400)
        answer.headers["Content-Type"] = "text/html; charset=utf-8"
        return answer
    session().add_all([tool, UsedOnce(value=f"registration {client_id}", used_at=site().now())])
    session().flush()
    return jsonify(_answer(tool))


def _spend_token() -> str:
    """The client_id that the bearer token was made for: 404 for a bad token, 401 for a used one."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    public = [key["kid"] for key in keys.public_set(session())["keys"]]
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = jwt.PyJWK(keys.public_set(session())["keys"][public.index(kid)])
        claims = jwt.decode(token, key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    except (jwt.PyJWTError, ValueError):
        abort(404, "Invalid token")
    client_id = str(claims.get("sub"))
    if claims.get("scope") != "reg" or claims["exp"] < site().now():
        abort(401)
    if session().get(UsedOnce, f"registration {client_id}") is not None:
        abort(401)
    return client_id


def _tool(client_id: str, body: dict[str, Any]) -> Tool:
    _check(body)
    config = body[TOOL_CONFIGURATION]
    deep_linking = [each for each in config.get("messages", []) if each.get("type") == DEEP_LINKING]
    claims = config.get("claims", [])
    custom = config.get("custom_parameters") or {}
    return Tool(
        name=body["client_name"],
        client_id=client_id,
        state=PENDING,
        initiate_login_uri=body["initiate_login_uri"],
        redirect_uris=list(body["redirect_uris"]),
        jwks_uri=body["jwks_uri"],
        target_link_uri=config.get("target_link_uri") or f"https://{config['domain']}",
        deep_link_uri=deep_linking[0].get("target_link_uri", "") if deep_linking else "",
        deep_linking=bool(deep_linking),
        domain=config["domain"],
        description=config.get("description", ""),
        logo_uri=body.get("logo_uri", ""),
        custom="\n".join(f"{name}={value}" for name, value in custom.items()),
        scopes=[scope for scope in SCOPES if scope in body.get("scope", "").split()],
        send_name="name" in claims,
        send_email="email" in claims,
    )


def _check(body: dict[str, Any]) -> None:
    for name in _REQUIRED:
        if not body.get(name):
            raise Refused(f"missing required attribute {name}")
    if "id_token" not in body.get("response_types", []):
        raise Refused("invalid_response_types")
    if body.get("token_endpoint_auth_method") is None:
        raise Refused("missing required attribute token_endpoint_auth_method")
    if body["token_endpoint_auth_method"] != "private_key_jwt":
        raise Refused("invalid_token_endpoint_auth_method")
    if body.get("application_type", "web") != "web":
        raise Refused("invalid_application_type")
    config = body[TOOL_CONFIGURATION]
    if not config.get("domain"):
        raise Refused("missing_domain")
    target = config.get("target_link_uri")
    if target and urlsplit(target).netloc != config["domain"]:
        raise Refused("domain_targetlinkuri_mismatch")


def _answer(tool: Tool) -> dict[str, Any]:
    messages = [{"type": DEEP_LINKING, "target_link_uri": tool.deep_link_uri}] if tool.deep_linking else []
    names = ["name", "family_name", "given_name"] if tool.send_name else []
    emails = ["email"] if tool.send_email else []
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.jwks_uri,
        "initiate_login_uri": tool.initiate_login_uri,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": tool.redirect_uris,
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": tool.logo_uri,
        "scope": " ".join(tool.scopes),
        TOOL_CONFIGURATION: {
            "version": "1.3.0",
            "deployment_id": str(tool.id),
            "target_link_uri": tool.target_link_uri,
            "domain": tool.domain,
            "description": tool.description,
            "messages": messages,
            "claims": ["sub", "iss", *names, *emails],
        },
    }
