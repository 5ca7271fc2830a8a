"""The messages a platform may send, as frozen values: nothing outside this package reads raw claims.

A *launch* is a signed message by which a person arrives: through a *resource link* (an activity in a course), through
*deep linking* (a teacher picks content), or through *submission review* (a teacher opens one pupil's work).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool.lti import claims as c
from lti_tool.lti.claims import Roles


@dataclass(frozen=True)
class User:
    """Who arrives; everything but `sub` may be empty. Kept out of logs by its repr."""

    sub: str = field(repr=False)
    """Unique and stable within the registration, case-sensitive, at most 255 characters."""
    name: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    picture: str = field(default="", repr=False)
    """https address, or empty."""


@dataclass(frozen=True)
class Context:
    """The course in the LMS."""

    id: str
    label: str = ""
    title: str = ""
    types: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    """Ids of the courses this one was copied from, newest first (custom parameter `context_history`)."""


@dataclass(frozen=True)
class ResourceLink:
    """The activity in the LMS."""

    id: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True)
class GradeService:
    """The Assignment and Grade Services claim: what is offered from this launch."""

    lineitems: str | None
    """All columns of the course."""
    lineitem: str | None
    """The column of this link; None when it has none or several."""
    scopes: frozenset[str]

    @property
    def can_score(self) -> bool:
        return c.SCOPE_SCORE in self.scopes

    @property
    def can_create(self) -> bool:
        return c.SCOPE_LINE_ITEM in self.scopes and self.lineitems is not None


@dataclass(frozen=True)
class Presentation:
    """How the LMS shows the tool."""

    locale: str = ""
    target: str = ""
    """`iframe`, `frame` or `window`; empty when not told."""
    return_url: str | None = field(default=None, repr=False)
    """Way back into the LMS. Holds a session key at Moodle: never log it."""


@dataclass(frozen=True)
class ToolPlatform:
    """The LMS about itself."""

    guid: str = ""
    name: str = ""
    family: str = ""
    """`product_family_code`, such as `moodle`."""
    version: str = ""


@dataclass(frozen=True)
class Launch:
    """What every message has."""

    user: User
    deployment_id: str
    roles: Roles
    context: Context | None
    custom: Mapping[str, str]
    """Custom parameters that have a value."""
    nrps: str | None
    """Address of Names and Roles for this context; None: not offered."""
    ags: GradeService | None
    presentation: Presentation
    platform: ToolPlatform
    mentored: tuple[str, ...]
    """`sub`s of the pupils a mentor may see."""
    target_path: str
    """Local path (with query) the platform wants opened, from target_link_uri."""


@dataclass(frozen=True)
class ResourceLinkLaunch(Launch):
    resource_link: ResourceLink


@dataclass(frozen=True)
class DeepLinkingSettings:
    """What the platform takes back (Deep Linking 2.0, section 4.4.1)."""

    return_url: str = field(repr=False)
    """Where the answer is posted. Holds a session key at Moodle: never log it."""
    accept_types: tuple[str, ...]
    accept_multiple: bool = False
    accept_line_item: bool = True
    """False only when the platform says so."""
    accept_targets: tuple[str, ...] = ()
    auto_create: bool = False
    title: str = ""
    text: str = ""
    data: str | None = field(default=None, repr=False)
    """Goes back unchanged; None: the request had none."""

    def to_json(self) -> dict[str, Any]:
        """For keeping while the teacher picks."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> DeepLinkingSettings:
        """Undo to_json, also after a passage through JSON."""
        fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in kept.items()}
        return cls(**fields)


@dataclass(frozen=True)
class DeepLinkingLaunch(Launch):
    settings: DeepLinkingSettings


@dataclass(frozen=True)
class SubmissionReviewLaunch(Launch):
    for_user: str = field(repr=False)
    """`sub` of the pupil whose work is to be shown."""
    resource_link: ResourceLink | None
    """None only when `ags.lineitem` says what is reviewed."""


def parse(claims: Mapping[str, Any], *, tool_url: str) -> Launch:
    """Turn verified claims into a launch. `tool_url` is the tool's own origin. Raises LaunchRefused."""
    raise NotImplementedError
