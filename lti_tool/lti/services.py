"""The services a platform offers to the tool: Names and Roles (rosters), Assignments and Grades (gradebook columns).

A *line item* is a column; a *score* is what we send for one pupil; a *result* is what stands in the gradebook. Every
call raises a ServiceError that tells the caller what to do: Retry later, Refused for good, Superseded by a later
grade, or TokenRefused because the registration needs attention.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lti_tool.core.http import GuardedSession
from lti_tool.lti.claims import Roles
from lti_tool.lti.deep_linking import LineItemSpec
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.platform import Platform


class ServiceError(Exception):
    """A call to a platform that did not work. Holds a code and a status, never an answer's text."""

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(f"{code} ({status})" if status else code)
        self.code = code
        self.status = status


class Retry(ServiceError):
    """Try again later; `after` seconds when the platform asked for it."""

    def __init__(self, code: str, status: int | None = None, after: int | None = None) -> None:
        super().__init__(code, status)
        self.after = after


class Refused(ServiceError):
    """The same call would be refused again."""


class Superseded(ServiceError):
    """The gradebook holds a later grade (409): do not send this one again."""


class TokenRefused(ServiceError):
    """The platform gives us no token, or does not accept the one it gave."""


@dataclass(frozen=True)
class ServiceToken:
    """An access token and what it is good for."""

    value: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str] = frozenset()
    """As the token endpoint said; what was asked for when it said nothing."""


class TokenStore(Protocol):
    """Tokens shared by all processes, with a lock so that only one of them fetches.

    `scopes` is the sorted list joined by spaces.
    """

    def get(self, platform_id: int, scopes: str) -> ServiceToken | None: ...
    def put(self, platform_id: int, scopes: str, token: ServiceToken) -> None:
        """Store the token and free the lock."""

    def drop(self, platform_id: int, scopes: str, value: str) -> None:
        """Forget the token, but only if it is still this one."""

    def lock(self, platform_id: int, scopes: str, seconds: int) -> bool:
        """Take the right to fetch for some seconds; False when another has it. Must be one atomic step."""

    def unlock(self, platform_id: int, scopes: str) -> None: ...


class AccessTokens:
    """Service tokens of one platform (client credentials with a signed assertion, Security Framework 1.1, section 4)."""

    def __init__(self, platform: Platform, *, http: GuardedSession, keyring: KeyRing, store: TokenStore) -> None: ...

    def get(self, scopes: Collection[str]) -> ServiceToken:
        """A token good for at least a minute. Raises ServiceError."""
        raise NotImplementedError


@dataclass(frozen=True)
class Member:
    """A person in a roster."""

    user_id: str = field(repr=False)
    roles: Roles
    status: str = "Active"
    """Active, Inactive or Deleted."""
    name: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    picture: str = field(default="", repr=False)


@dataclass(frozen=True)
class Roster:
    """All members, complete: a partial answer is an error."""

    members: tuple[Member, ...]
    pages: int


class NamesAndRoles:
    """Names and Role Provisioning Services 2.0 of one platform."""

    def __init__(
        self, platform: Platform, *, http: GuardedSession, tokens: AccessTokens, origins: Collection[str] = ()
    ) -> None: ...

    def members(self, url: str, *, rlid: str | None = None) -> Roster:
        """Everybody in the context, or everybody who can see the link `rlid`. Raises ServiceError."""
        raise NotImplementedError


@dataclass(frozen=True)
class LineItem:
    """A column as the platform has it."""

    url: str
    label: str
    score_maximum: float
    resource_id: str = ""
    resource_link_id: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Score:
    """A grade to send."""

    user_id: str = field(repr=False)
    given: float
    maximum: float
    timestamp: datetime
    comment: str = field(default="", repr=False)


@dataclass(frozen=True)
class Result:
    """What stands in the gradebook for one person."""

    user_id: str = field(repr=False)
    score: float | None
    maximum: float | None
    comment: str = field(default="", repr=False)
    timestamp: str = ""


class AssignmentAndGrades:
    """Assignment and Grade Services 2.0 of one platform."""

    def __init__(
        self,
        platform: Platform,
        *,
        http: GuardedSession,
        tokens: AccessTokens,
        scopes: Collection[str],
        origins: Collection[str] = (),
    ) -> None: ...

    def find(
        self,
        lineitems_url: str,
        *,
        resource_id: str | None = None,
        resource_link_id: str | None = None,
        tag: str | None = None,
    ) -> list[LineItem]:
        """The columns that match all that is given. Raises ServiceError."""
        raise NotImplementedError

    def create(self, lineitems_url: str, spec: LineItemSpec, *, resource_link_id: str | None = None) -> LineItem:
        """Make a column. Platforms allow duplicates: find first, and one at a time. Raises ServiceError."""
        raise NotImplementedError

    def read(self, lineitem_url: str) -> LineItem:
        """One column. Raises ServiceError."""
        raise NotImplementedError

    def update(self, lineitem_url: str, *, label: str | None = None, score_maximum: float | None = None) -> LineItem:
        """Change a column and send back everything else it had: platforms wipe what is missing."""
        raise NotImplementedError

    def delete(self, lineitem_url: str) -> None:
        """Remove a column we made. Never an activity's own: that takes its grades away."""

    def post_score(self, lineitem_url: str, score: Score) -> None:
        """Send one grade as complete and fully graded. Raises Superseded on 409, and other ServiceErrors."""

    def results(self, lineitem_url: str, *, user_id: str | None = None) -> list[Result]:
        """What the gradebook holds, for one person or everybody."""
        raise NotImplementedError
