"""A platform that signs launches, and a browser that knows only WSGI: what both cost is left out of the figures."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

TOOL = "https://tool.example"
ISSUER, CLIENT_ID, DEPLOYMENT, KID = "https://lms.example", "client", "1", "bench"
LTI = "https://purl.imsglobal.org/spec/lti/claim"
PEOPLE = 30

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
_jwk: dict[str, Any] = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
JWKS: dict[str, Any] = {"keys": [{**_jwk, "kid": KID, "alg": "RS256", "use": "sig"}]}

WsgiApp = Callable[..., Iterable[bytes]]


def claims(number: int, nonce: str) -> dict[str, Any]:
    """A pupil's launch as Moodle sends it."""
    now = int(time.time())
    person = number % PEOPLE
    return {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": str(100 + person),
        "iat": now,
        "exp": now + 60,
        "nonce": nonce,
        "name": f"Пётр Иванов {person}",
        "given_name": "Пётр",
        "family_name": f"Иванов {person}",
        "email": f"pupil{person}@lms.example",
        f"{LTI}/deployment_id": DEPLOYMENT,
        f"{LTI}/version": "1.3.0",
        f"{LTI}/message_type": "LtiResourceLinkRequest",
        f"{LTI}/target_link_uri": f"{TOOL}/lti/launch",
        f"{LTI}/roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        f"{LTI}/context": {"id": "2", "label": "eco", "title": "Экология 7 класс", "type": ["CourseSection"]},
        f"{LTI}/resource_link": {"id": "5", "title": "Школы вместе", "description": ""},
        f"{LTI}/launch_presentation": {"locale": "ru", "document_target": "iframe", "return_url": f"{ISSUER}/back"},
        f"{LTI}/custom": {"content": "home", "context_history": ""},
        f"{LTI}/tool_platform": {
            "guid": "x",
            "name": "Школа",
            "product_family_code": "moodle",
            "version": "2024100706",
        },
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": f"{ISSUER}/members",
            "service_versions": ["2.0"],
        },
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
            "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
            "lineitems": f"{ISSUER}/lineitems",
        },
    }


@dataclass
class Browser:
    """Keeps cookies and counts the tool's CPU seconds."""

    app: WsgiApp
    cpu: float = 0.0
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "10.0.0.1"

    def open(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        body = urlencode(form or {}).encode()
        parts = urlsplit(path)
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "tool.example",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "tool.example",
            "REMOTE_ADDR": self.address,
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        answered: list[Any] = []
        began = time.process_time()
        content = self.app(environ, lambda status, headers, _error=None: answered.extend((status, headers)))
        page = b"".join(content)
        close = getattr(content, "close", None)
        if close:
            close()
        self.cpu += time.process_time() - began
        status, headers = answered
        for name, value in headers:
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition(";")
                cookie_name, _, cookie_value = cookie.partition("=")
                if "max-age=0" in rest.lower():
                    self.cookies.pop(cookie_name, None)
                else:
                    self.cookies[cookie_name] = cookie_value
        return int(status.split()[0]), dict(headers), page


def launch(app: WsgiApp, number: int, *, refused: bool = False) -> float:
    """CPU seconds of the tool for one whole launch: login, launch, landing page."""
    browser = Browser(app, address=f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}")
    login = {
        "iss": ISSUER,
        "login_hint": "7",
        "target_link_uri": f"{TOOL}/lti/launch",
        "client_id": CLIENT_ID,
        "lti_deployment_id": DEPLOYMENT,
        "lti_message_hint": json.dumps({"cmid": 5, "launchid": f"ltilaunch5_{number}"}),
    }
    status, headers, _page = browser.open("POST", "/lti/login", login)
    assert status == 302, status
    query = parse_qs(urlsplit(headers["Location"]).query)
    told = claims(number, query["nonce"][0])
    token = jwt.encode(told, key, algorithm="RS256", headers={"kid": KID})
    if refused:
        token = token[:-8] + "AAAAAAAA"
    status, headers, _page = browser.open("POST", "/lti/launch", {"id_token": token, "state": query["state"][0]})
    if refused:
        assert 400 <= status < 500, status
        return browser.cpu
    assert status in (302, 303), status
    status, headers, page = browser.open("GET", headers["Location"].removeprefix(TOOL))
    assert status == 200, status
    assert str(told["name"]).encode() in page
    return browser.cpu
