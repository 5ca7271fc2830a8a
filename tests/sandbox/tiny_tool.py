"""The smallest tool that can talk to the sandbox, so that the platform is tested without the product."""

from __future__ import annotations

import json
import secrets
import time
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, jsonify, redirect, request
from jwt.algorithms import RSAAlgorithm
from markupsafe import escape
from werkzeug.wrappers import Response as BaseResponse

URL = "http://localhost:8080"
CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = " ".join(
    [
        f"{AGS}lineitem",
        f"{AGS}result.readonly",
        f"{AGS}score",
        "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    ]
)


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TinyTool:
    """Registers, logs in, keeps the last id_token, asks for tokens and calls services."""

    def __init__(self) -> None:
        self.app = Flask("tiny_tool")
        self.app.testing = True
        self.http = requests.Session()
        self.app.extensions.update(http=self.http, settings=SimpleNamespace(base_url=URL))
        self.platform: dict[str, Any] = {}
        self.client_id = ""
        self.received: dict[str, Any] = {}
        self.posted: dict[str, str] = {}
        self.registration: dict[str, Any] = registration_request()
        rules = (
            ("/lti/login", self.login, ["GET", "POST"]),
            ("/lti/launch", self.launch, ["POST"]),
            ("/lti/jwks", self.jwks, ["GET"]),
            ("/lti/register", self.register, ["GET", "POST"]),
        )
        for path, view, methods in rules:
            self.app.add_url_rule(path, view_func=view, methods=methods)

    # ---- pages

    def login(self) -> BaseResponse:
        values = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": request.values["client_id"],
            "redirect_uri": f"{URL}/lti/launch",
            "login_hint": request.values["login_hint"],
            "lti_message_hint": request.values["lti_message_hint"],
            "state": "the-state",
            "nonce": secrets.token_hex(8),
        }
        return redirect(f"{request.values['iss']}/lti/auth?{urlencode(values)}")

    def launch(self) -> str:
        self.posted = dict(request.form)
        if "error" in self.posted:
            return self.posted["error"]
        keys = jwt.PyJWKSet.from_dict(self.http.get(self.platform["jwks_uri"], timeout=5).json())
        token = self.posted["id_token"]
        key = keys[jwt.get_unverified_header(token)["kid"]]
        self.received = jwt.decode(token, key, algorithms=["RS256"], audience=self.client_id)
        return f"Hello {escape(self.received['sub'])}"

    def jwks(self) -> Response:
        public = RSAAlgorithm.to_jwk(private_key().public_key(), as_dict=True)
        return jsonify(keys=[{**public, "kid": "tiny", "alg": "RS256", "use": "sig"}])

    def register(self) -> str:
        if request.method == "GET":
            fields = "".join(
                f'<input type="hidden" name="{name}" value="{escape(request.args[name])}">'
                for name in ("openid_configuration", "registration_token")
            )
            return f'<form method="post" action="/lti/register">{fields}<button>Join</button></form>'
        self.platform = self.http.get(request.form["openid_configuration"], timeout=5).json()
        answer = self.send_registration(request.form["registration_token"], self.registration)
        if answer.status_code != 200:
            return f"{answer.status_code} {answer.text}"
        self.client_id = answer.json()["client_id"]
        return "registered"

    # ---- calls

    def send_registration(self, token: str, body: dict[str, Any]) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.post(self.platform["registration_endpoint"], json=body, headers=headers, timeout=5)

    def assertion(self, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.platform["token_endpoint"],
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
        } | changes
        return jwt.encode(claims, private_key(), algorithm="RS256", headers={"kid": "tiny"})

    def ask_token(self, scope: str = SCOPES, assertion: str | None = None) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion() if assertion is None else assertion,
            "scope": scope,
        }
        return self.http.post(self.platform["token_endpoint"], data=form, timeout=5)

    def call(self, method: str, url: str, **options: Any) -> requests.Response:
        """A service call with a fresh token; `accept` and `content_type` become headers, `body` JSON."""
        headers = {"Authorization": f"Bearer {self.ask_token().json()['access_token']}"}
        if "accept" in options:
            headers["Accept"] = options.pop("accept")
        if "content_type" in options:
            headers["Content-Type"] = options.pop("content_type")
        if "body" in options:
            options["data"] = json.dumps(options.pop("body"))
        return self.http.request(method, url, headers=headers, timeout=5, **options)


def registration_request(**changes: Any) -> dict[str, Any]:
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{URL}/lti/login",
        "redirect_uris": [f"{URL}/lti/launch"],
        "client_name": "Tiny tool",
        "jwks_uri": f"{URL}/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": SCOPES,
        CONFIGURATION: {
            "domain": "localhost:8080",
            "target_link_uri": f"{URL}/lti/launch",
            "claims": ["iss", "sub", "name", "given_name", "family_name", "email"],
            "messages": [{"type": "LtiDeepLinkingRequest", "target_link_uri": f"{URL}/lti/launch"}],
            "custom_parameters": {"context_history": "$Context.id.history"},
        },
    } | changes
