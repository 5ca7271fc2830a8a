"""The other side of the wire in these tests: a small platform that signs, a network without sockets, and stores."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from lti_tool.core.http import GuardedSession
from lti_tool.lti import Candidate, LaunchRefused, claims, oidc
from lti_tool.lti.jwks import PlatformKeys, StoredKeys
from lti_tool.lti.oidc import LoginStart, Received
from lti_tool.lti.services import ServiceToken

TOOL = "https://tool.example"
LAUNCH_URL = f"{TOOL}/lti/launch"
SECRET = "a secret for tests only"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOW_SECONDS = int(NOW.timestamp())

S = TypeVar("S", bound=requests.Session)
Answer = tuple[int, Mapping[str, str], Any]
Handler = Callable[[requests.PreparedRequest], Answer]


@cache
def rsa_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key for each name, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_jwk(key: rsa.RSAPrivateKey, kid: str, **changes: Any) -> dict[str, Any]:
    jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk.pop("key_ops", None)
    return {**jwk, "kid": kid, "alg": "RS256", "use": "sig", **changes}


class Network(BaseAdapter):
    """Answers requests from a table of (method, address without query)."""

    def __init__(self) -> None:
        super().__init__()
        self.routes: dict[tuple[str, str], Handler] = {}
        self.requests: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def on(self, method: str, url: str, handler: Handler | Answer) -> None:
        self.routes[method, url] = handler if callable(handler) else lambda _request: handler

    def count(self, url: str) -> int:
        return sum(str(request.url).partition("?")[0] == url for request in self.requests)

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        with self._lock:
            self.requests.append(request)
            self.options.append(options)
        handler = self.routes.get((str(request.method), str(request.url).partition("?")[0]))
        if handler is None:
            raise requests.ConnectionError("nobody is there")
        status, headers, body = handler(request)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.url = str(request.url)
        response.request = request
        response.raw = HTTPResponse(io.BytesIO(raw), headers=dict(headers), status=status, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""

    def session(self) -> GuardedSession:
        return self._mounted(GuardedSession())

    def plain_session(self) -> requests.Session:
        """One without our guard."""
        return self._mounted(requests.Session())

    def _mounted(self, session: S) -> S:
        session.mount("https://", self)
        session.mount("http://", self)
        return session


def form_of(request: requests.PreparedRequest) -> dict[str, str]:
    return dict(parse_qsl(str(request.body)))


class MemoryKeyStore:
    """What all processes share."""

    def __init__(self) -> None:
        self.rows: dict[int, StoredKeys] = {}

    def get(self, platform_id: int) -> StoredKeys | None:
        return self.rows.get(platform_id)

    def put(self, platform_id: int, keys: StoredKeys) -> None:
        self.rows[platform_id] = keys


class MemoryTokenStore:
    """Tokens shared by threads, with the lock the protocol asks for."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], ServiceToken] = {}
        self._taken: set[tuple[int, str]] = set()
        self._mutex = threading.Lock()

    def get(self, platform_id: int, scopes: str) -> ServiceToken | None:
        return self.rows.get((platform_id, scopes))

    def put(self, platform_id: int, scopes: str, token: ServiceToken) -> None:
        self.rows[platform_id, scopes] = token
        self.unlock(platform_id, scopes)

    def drop(self, platform_id: int, scopes: str, value: str) -> None:
        row = self.rows.get((platform_id, scopes))
        if row is not None and row.value == value:
            del self.rows[platform_id, scopes]

    def lock(self, platform_id: int, scopes: str, seconds: int) -> bool:
        with self._mutex:
            free = (platform_id, scopes) not in self._taken
            self._taken.add((platform_id, scopes))
            return free

    def unlock(self, platform_id: int, scopes: str) -> None:
        with self._mutex:
            self._taken.discard((platform_id, scopes))


@dataclass(frozen=True)
class Lms:
    """A platform as the tool has it registered, which can also sign."""

    id: int = 1
    host: str = "lms.example"
    client_id: str = "client-1"
    deployments: tuple[str, ...] = ("1",)
    auth_path: str = "/auth"
    token_audience: str | None = None
    kid: str = "k1"
    key_name: str = "first"
    network: Network = field(default_factory=Network, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.network.on("GET", self.jwks_url, lambda _request: (200, {}, {"keys": [self.jwk()]}))

    @property
    def issuer(self) -> str:
        return f"https://{self.host}"

    @property
    def auth_url(self) -> str:
        return self.issuer + self.auth_path

    @property
    def token_url(self) -> str:
        return f"{self.issuer}/token"

    @property
    def jwks_url(self) -> str:
        return f"{self.issuer}/jwks"

    def jwk(self, **changes: Any) -> dict[str, Any]:
        return public_jwk(rsa_key(self.key_name), self.kid, **changes)

    def claims(self, nonce: str, /, **changes: Any) -> dict[str, Any]:
        """A pupil's launch of an activity; a change to None leaves the claim out."""
        found = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": NOW_SECONDS,
            "exp": NOW_SECONDS + 60,
            "nonce": nonce,
            "sub": "7",
            "name": "Алексей Иванов",
            claims.VERSION: "1.3.0",
            claims.MESSAGE_TYPE: claims.RESOURCE_LINK_REQUEST,
            claims.DEPLOYMENT_ID: self.deployments[0],
            claims.TARGET_LINK_URI: LAUNCH_URL,
            claims.ROLES: [claims.MEMBERSHIP + "#Learner"],
            claims.RESOURCE_LINK: {"id": "1", "title": "Дроби"},
            claims.CONTEXT: {"id": "2", "label": "МАТ-7Б", "title": "Математика 7Б", "type": ["CourseSection"]},
        } | {getattr(claims, name, name): value for name, value in changes.items()}
        return {name: value for name, value in found.items() if value is not None}

    def sign(self, content: Mapping[str, Any], **header: Any) -> str:
        headers = {name: value for name, value in ({"kid": self.kid} | header).items() if value is not None}
        content_bytes = json.dumps(dict(content)).encode()  # also what no honest encoder would sign
        return jwt.PyJWS().encode(content_bytes, rsa_key(self.key_name), algorithm="RS256", headers=headers)


class Tool:
    """Our side, with the platforms it knows; remembers used states as the launch endpoint does."""

    def __init__(self, *platforms: Lms) -> None:
        self.platforms = platforms
        self.store = MemoryKeyStore()
        self.http = platforms[0].network.session()
        self.keys = PlatformKeys(self.http, self.store)
        self.used: set[str] = set()

    def find(self, issuer: str, client_id: str | None) -> Iterable[Candidate]:
        return [
            Candidate(platform, platform.deployments)
            for platform in self.platforms
            if platform.issuer == issuer and client_id in (None, platform.client_id)
        ]

    def login(self, platform: Lms, now: datetime = NOW, **params: str) -> LoginStart:
        base = {"iss": platform.issuer, "login_hint": "7", "client_id": platform.client_id}
        sent = {name: value for name, value in (base | params).items() if value != ""}
        return oidc.begin(sent, find=self.find, redirect_uri=LAUNCH_URL, secret_key=SECRET, now=now)

    def receive(
        self,
        start: LoginStart,
        id_token: str | None = None,
        *,
        cookies: Mapping[str, str] | None = None,
        now: datetime = NOW,
        **form: str,
    ) -> Received:
        sent = {"state": start.state} | ({"id_token": id_token} if id_token is not None else {}) | form
        return oidc.receive(
            sent,
            cookies={start.cookie_name: start.cookie_value} if cookies is None else cookies,
            platform_by_id=lambda wanted: next((each for each in self.platforms if each.id == wanted), None),
            keys=self.keys,
            redirect_uri=LAUNCH_URL,
            secret_key=SECRET,
            now=now,
        )

    def launch(self, platform: Lms, /, now: datetime = NOW, **changes: Any) -> Received:
        """Login and launch in one, with some claims changed."""
        start = self.login(platform)
        return self.receive(start, platform.sign(platform.claims(start.nonce, **changes)), now=now)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def refusal(call: Callable[..., object], *args: Any, **options: Any) -> LaunchRefused:
    """The LaunchRefused that the call ends in."""
    with pytest.raises(LaunchRefused) as caught:
        call(*args, **options)
    return caught.value
