"""The platform's side of OpenID Connect: the authorization address, the key set and the discovery document."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask import session as cookie

from . import claims, keys, launches
from .models import Launch
from .names import DEEP_LINKING, PLATFORM_CONFIGURATION, RESOURCE_LINK, SCOPES
from .site import site
from .store import session

bp = Blueprint("platform", __name__)
jwks_bp = Blueprint("jwks", __name__)

_LAUNCH_ID = re.compile(r"ltilaunch(?:\d+|_ContentItemSelectionRequest)_([\w-]+)")


@jwks_bp.get("/lti/certs")
def certs() -> Response:
    """The public keys."""
    return jsonify(keys.public_set(session()))


@bp.get("/lti/openid-configuration")
@bp.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """What a tool has to know to register."""
    url = site().url
    return jsonify(
        {
            "issuer": url,
            "authorization_endpoint": f"{url}/lti/auth",
            "token_endpoint": f"{url}/lti/token",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": f"{url}/lti/certs",
            "registration_endpoint": f"{url}/lti/registration",
            "scopes_supported": [*SCOPES, "openid"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
            PLATFORM_CONFIGURATION: {
                "product_family_code": "moodle",
                "version": "4.5.6 (Build: 20250811)",
                "messages_supported": [
                    {"type": RESOURCE_LINK},
                    {"type": DEEP_LINKING, "placements": ["ContentArea"]},
                ],
                "variables": ["Context.id", "Context.id.history", "ResourceLink.id", "User.id", "LineItem.url"],
            },
        }
    )


@bp.route("/lti/auth", methods=["GET", "POST"])
def auth() -> Response:
    """Answer an authorization request with an id_token, or with an error, posted by the browser to the tool."""
    launch = _requested_launch()
    state = request.values.get("state", "")
    refusal = _refusal(launch)
    session().delete(launch)
    if refusal:
        return _post_back({**refusal, "state": state})
    payload = claims.id_token(site(), launch, request.values["nonce"], launches.return_key(launch))
    return _post_back({"id_token": keys.sign(session(), payload), "state": state})


def _requested_launch() -> Launch:
    """The launch that the hint names; 404 where Moodle shows a page instead of answering the tool."""
    values = request.values
    fixed = values.get("scope") == "openid" and values.get("response_type") == "id_token"
    present = all(values.get(name) for name in ("client_id", "redirect_uri", "login_hint", "nonce"))
    launch = session().get(Launch, _launch_id(values.get("lti_message_hint", "")))
    if launch is None or launch.began_at < site().now() - launches.LAUNCH_LIFETIME or not (fixed and present):
        abort(404, "Invalid request")
    if values["redirect_uri"] not in launch.tool.redirect_uris:
        abort(404, "Invalid request")
    return launch


def _launch_id(hint: str) -> str:
    try:
        parsed = json.loads(hint)
    except ValueError:
        return ""
    name = parsed.get("launchid") if isinstance(parsed, dict) else None
    match = _LAUNCH_ID.fullmatch(name) if isinstance(name, str) else None
    return match.group(1) if match else ""


def _refusal(launch: Launch) -> dict[str, Any]:
    values = request.values
    if values["client_id"] != launch.tool.client_id:
        return {"error": "unauthorized_client"}
    signed_in = cookie.get("person_id")
    if values["login_hint"] != str(launch.person_id) or signed_in not in (None, launch.person_id):
        return {"error": "access_denied"}
    if values.get("response_mode") != "form_post":
        return {"error": "invalid_request", "error_description": "Invalid response_mode"}
    if values.get("prompt", "none") != "none":
        return {"error": "invalid_request", "error_description": "Invalid prompt"}
    return {}


def _post_back(fields: dict[str, str]) -> Response:
    form = launches.Form(request.values["redirect_uri"], fields)
    answer = make_response(render_template("post.html", form=form))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/lti/return")
def returned() -> str:
    """Where a tool sends people back to; shows the tool's message."""
    return render_template(
        "returned.html",
        message=request.args.get("lti_msg", ""),
        error=request.args.get("lti_errormsg", ""),
        course_id=request.args.get("course", type=int),
    )
