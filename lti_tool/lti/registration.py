"""Dynamic registration (LTI Dynamic Registration 1.0): read the platform's configuration, register the tool there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from lti_tool.core import http as web
from lti_tool.core.http import GuardedSession
from lti_tool.lti import claims as c
from lti_tool.lti import fields
from lti_tool.lti.messages import CUSTOM_PARAMETERS

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email")
"""Moodle sends names and e-mail only when they are asked for here."""
MAX_TOKEN = 8000


class RegistrationRefused(Exception):
    """Registration cannot go on. `code` says why; `facts` are safe to show.

    Codes: unreachable (reason), blocked (reason), not_a_configuration (status), incomplete (name), issuer_foreign,
    not_supported (name), token_unusable, token_used, refused (status, answer), bad_answer (status).
    """

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class PlatformConfiguration:
    """What the platform says of itself."""

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    token_audience: str | None
    """`authorization_server`; None: the token URL."""
    scopes: frozenset[str]
    claims: frozenset[str]
    messages: frozenset[str]
    product: str
    version: str
    foreign_hosts: frozenset[str]
    """Hosts of the addresses above that differ from the configuration's: an administrator confirms them."""


@dataclass(frozen=True)
class ToolDescription:
    """What we tell the platform."""

    names: Mapping[str, str]
    """Language to name; "" is the default."""
    descriptions: Mapping[str, str]
    base_url: str
    login_url: str
    launch_url: str
    """The one redirect address and target of every message."""
    jwks_url: str
    logo_url: str | None = None
    pick_labels: Mapping[str, str] = field(default_factory=dict)
    """Label of the deep linking placement by language."""


@dataclass(frozen=True)
class RegistrationResult:
    """As the platform answered."""

    client_id: str
    deployment_id: str | None
    scopes: frozenset[str]
    """Echoed by the platform; what is granted shows at the token endpoint."""


def discover(http: GuardedSession, openid_configuration_url: str) -> PlatformConfiguration:
    """Read the platform's configuration. Raises RegistrationRefused."""
    response = _send(http, "GET", openid_configuration_url, headers={"Accept": "application/json"})
    document = _object(response)
    if response.status_code != 200 or document is None:
        raise RegistrationRefused("not_a_configuration", status=response.status_code)
    lti = document.get(PLATFORM_CONFIGURATION)
    lti = lti if isinstance(lti, dict) else {}
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    issuer, auth_url, token_url, jwks_url, registration_url = (_required_url(document, name) for name in names)
    host = urlsplit(openid_configuration_url).hostname
    hosts = {urlsplit(url).hostname for url in (issuer, auth_url, token_url, jwks_url, registration_url)}
    audience = document.get("authorization_server")
    messages = lti.get("messages_supported")
    found = PlatformConfiguration(
        issuer=issuer,
        auth_url=auth_url,
        token_url=token_url,
        jwks_url=jwks_url,
        registration_url=registration_url,
        token_audience=audience if isinstance(audience, str) and fields.is_url(audience) else None,
        scopes=_names(document, "scopes_supported"),
        claims=_names(document, "claims_supported"),
        messages=frozenset(
            str(each.get("type")) for each in (messages if isinstance(messages, list) else []) if isinstance(each, dict)
        ),
        product=_text(lti, "product_family_code"),
        version=_text(lti, "version"),
        foreign_hosts=frozenset(other for other in hosts if other is not None and other != host),
    )
    _check_supported(document, found)
    return found


def register(
    http: GuardedSession, configuration: PlatformConfiguration, token: str | None, tool: ToolDescription
) -> RegistrationResult:
    """Register the tool; `token` is sent once and neither kept nor logged. Raises RegistrationRefused."""
    if token and (len(token) > MAX_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise RegistrationRefused("token_unusable")
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = registration_request(configuration, tool)
    response = _send(http, "POST", configuration.registration_url, json=request, headers=headers)
    status = response.status_code
    if status == 401:
        raise RegistrationRefused("token_used", status=status)
    if status not in (200, 201):
        raise RegistrationRefused("refused", status=status, answer=_short(response))
    answer = _object(response)
    client_id = answer.get("client_id") if answer is not None else None
    if answer is None or not fields.is_identifier(client_id):
        raise RegistrationRefused("bad_answer", status=status)
    config = answer.get(TOOL_CONFIGURATION)
    deployment_id = config.get("deployment_id") if isinstance(config, dict) else None
    scope = answer.get("scope")
    return RegistrationResult(
        client_id=client_id,
        deployment_id=deployment_id if fields.is_identifier(deployment_id) else None,
        scopes=frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
    )


def registration_request(configuration: PlatformConfiguration, tool: ToolDescription) -> dict[str, Any]:
    """The JSON we send: scopes and claims that the platform does not know are left out, when it names any."""
    scopes = [scope for scope in c.SERVICE_SCOPES if scope in configuration.scopes or not configuration.scopes]
    claims = [name for name in CLAIMS if name in configuration.claims or not configuration.claims]
    picking = {"type": c.DEEP_LINKING_REQUEST, "target_link_uri": tool.launch_url, "placements": ["ContentArea"]}
    request: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": [tool.launch_url],
        "jwks_uri": tool.jwks_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_signed_response_alg": "RS256",
        "scope": " ".join(scopes),
        **_by_language("client_name", tool.names),
        TOOL_CONFIGURATION: {
            "domain": urlsplit(tool.launch_url).netloc,
            "target_link_uri": tool.launch_url,
            "custom_parameters": dict(CUSTOM_PARAMETERS),
            "claims": claims,
            "messages": [
                {"type": c.RESOURCE_LINK_REQUEST, "target_link_uri": tool.launch_url},
                picking | _by_language("label", tool.pick_labels),
            ],
            **_by_language("description", tool.descriptions),
        },
    }
    return request | ({"logo_uri": tool.logo_url} if tool.logo_url else {}) | {"client_uri": tool.base_url}


def _by_language(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """`name` for the default and `name#ru` for a language (OpenID Connect Registration 1.0, section 2.1)."""
    return {f"{name}#{language}" if language else name: text for language, text in texts.items()}


def _check_supported(document: Mapping[str, Any], found: PlatformConfiguration) -> None:
    """What the platform lists must hold what we cannot do without; what it does not list is taken to be there."""
    needed = {
        "id_token_signing_alg_values_supported": "RS256",
        "response_types_supported": "id_token",
        "token_endpoint_auth_methods_supported": "private_key_jwt",
    }
    for name, value in needed.items():
        listed = _names(document, name)
        if listed and value not in listed:
            raise RegistrationRefused("not_supported", name=value)
    if found.messages and c.RESOURCE_LINK_REQUEST not in found.messages:
        raise RegistrationRefused("not_supported", name=c.RESOURCE_LINK_REQUEST)


def _send(http: GuardedSession, method: str, url: str, **options: Any) -> requests.Response:
    try:
        return http.request(method, url, **options)
    except web.Blocked as error:
        raise RegistrationRefused("blocked", reason=error.reason) from None
    except web.RemoteError as error:
        raise RegistrationRefused("unreachable", reason=error.reason) from None


def _object(response: requests.Response) -> dict[str, Any] | None:
    try:
        found = web.json_of(response)
    except web.BadAnswer:
        return None
    return found if isinstance(found, dict) else None


def _required_url(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not fields.is_url(value) or (name == "issuer" and len(value) > fields.MAX_ID):
        raise RegistrationRefused("incomplete", name=name)
    return value


def _names(document: Mapping[str, Any], name: str) -> frozenset[str]:
    value = document.get(name)
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return fields.clean(value)[:50] if isinstance(value, str) else ""


def _short(response: requests.Response) -> str:
    """The platform's own words for an administrator, when they are short and plain: Moodle's are one word or line."""
    text = fields.clean(response.text).strip()
    return text if len(text) <= 200 and "<" not in text and "\n" not in text else ""
