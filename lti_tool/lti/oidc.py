"""OpenID Connect third-party initiated login, tool side, and the answer to it (Security Framework 1.1, section 5.1).

The platform opens our login address; we send the browser to its authorization address with a *state* and a *nonce*;
it posts an *id_token* (the launch) back. The state is a signed, timed text, so a login stores nothing here; whoever
accepts a launch must insert `Received.state_hash` into a set of used ones, once, and refuse when it is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lti_tool.lti.jwks import PlatformKeys
from lti_tool.lti.messages import Launch
from lti_tool.lti.platform import Candidate, Platform


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

    Raises LaunchRefused (LOGIN_…, PLATFORM_…).
    """
    raise NotImplementedError


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
    raise NotImplementedError
