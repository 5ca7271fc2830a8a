"""A small tool on plain pylti1p3 2.0.0, made the way its documentation shows, and driven by a browser.

Each test in this folder shows two things: that we do right, and that the plain library does not. When the second
half fails, upstream has been mended, and our replacement may be looked at again.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import serialization
from flask import Flask
from flask.testing import FlaskClient
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector
from pylti1p3.tool_config import ToolConfDict
from werkzeug.test import TestResponse

from tests.lti.fakes import LAUNCH_URL, Lms, Network, query_of, rsa_key


class Cache:
    """What Flask-Caching offers."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.rows.get(key)

    def set(self, key: str, value: Any, timeout: int | None = None) -> None:
        self.rows[key] = value


class Peer:
    """The plain tool with the platforms it knows; `cached_keys` as its documentation recommends for speed."""

    def __init__(self, *platforms: Lms, cached_keys: bool = False) -> None:
        self.platforms = platforms
        self.network: Network = platforms[0].network
        self.config = ToolConfDict({platform.issuer: [entry(platform)] for platform in platforms})
        for platform in platforms:
            self.config.set_private_key(platform.issuer, private_pem(), client_id=platform.client_id)
        self.keys = Cache() if cached_keys else None
        self.launched: FlaskMessageLaunch | None = None
        self.app = Flask(__name__)
        self.app.testing = True
        self.app.secret_key = "for tests"
        self.app.add_url_rule("/login", view_func=self._login, methods=["GET", "POST"])
        self.app.add_url_rule("/launch", view_func=self._launch, methods=["POST"])

    def _login(self) -> Any:
        return FlaskOIDCLogin(FlaskRequest(), self.config).redirect(LAUNCH_URL)

    def _launch(self) -> Any:
        session = self.network.plain_session()
        launch = FlaskMessageLaunch(FlaskRequest(), self.config, requests_session=session)
        if self.keys is not None:
            launch.set_public_key_caching(FlaskCacheDataStorage(self.keys))
        data = launch.get_launch_data()
        self.launched = launch
        return {"sub": data["sub"]}

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def login(self, platform: Lms, client: FlaskClient, scheme: str = "https", **params: str) -> TestResponse:
        sent = {"iss": platform.issuer, "login_hint": "7", "client_id": platform.client_id} | params
        return client.post("/login", data=sent, base_url=f"{scheme}://tool.example")

    def begin(self, platform: Lms, client: FlaskClient | None = None, **params: str) -> PeerLogin:
        client = client or self.browser()
        query = query_of(self.login(platform, client, **params).location)
        return PeerLogin(client, query["state"], query["nonce"])

    def launch(self, platform: Lms, **changes: Any) -> FlaskMessageLaunch:
        """Login and launch in one, with some claims changed; raises what the library raises."""
        login = self.begin(platform)
        login.send(platform.sign(platform.claims(login.nonce, **changes)))
        assert self.launched is not None
        return self.launched


class PeerLogin:
    """A login of the plain tool that waits for its answer."""

    def __init__(self, client: FlaskClient, state: str, nonce: str) -> None:
        self.client, self.state, self.nonce = client, state, nonce

    def send(self, id_token: str) -> TestResponse:
        form = {"state": self.state, "id_token": id_token}
        answer = self.client.post("/launch", data=form, base_url="https://tool.example")
        assert answer.status_code == 200
        return answer


def entry(platform: Lms) -> dict[str, Any]:
    return {
        "client_id": platform.client_id,
        "auth_login_url": platform.auth_url,
        "auth_token_url": platform.token_url,
        "key_set_url": platform.jwks_url,
        "deployment_ids": list(platform.deployments),
    }


def private_pem() -> str:
    return (
        rsa_key("ours")
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        .decode()
    )


def connector(platform: Lms) -> ServiceConnector:
    """The plain library's client of services."""
    registration = Registration().set_client_id(platform.client_id).set_issuer(platform.issuer)
    registration.set_auth_token_url(platform.token_url).set_tool_private_key(private_pem())
    return ServiceConnector(registration, platform.network.plain_session())
