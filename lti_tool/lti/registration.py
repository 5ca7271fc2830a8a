"""Dynamic registration (LTI Dynamic Registration 1.0): read the platform's configuration, register the tool there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.core.http import GuardedSession


class RegistrationRefused(Exception):
    """Registration cannot go on. `code` says why; `facts` are safe to show.

    Codes: unreachable (reason), blocked (reason), not_a_configuration, incomplete (name), insecure (name),
    not_supported (name), refused (status, answer), token_used, bad_answer.
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
    raise NotImplementedError


def register(
    http: GuardedSession, configuration: PlatformConfiguration, token: str | None, tool: ToolDescription
) -> RegistrationResult:
    """Register the tool; `token` is sent once and neither kept nor logged. Raises RegistrationRefused."""
    raise NotImplementedError
