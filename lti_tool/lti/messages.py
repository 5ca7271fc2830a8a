"""The messages a platform may send, as frozen values: nothing outside this package reads raw claims.

A *launch* is a signed message by which a person arrives: through a *resource link* (an activity in a course), through
*deep linking* (a teacher picks content), or through *submission review* (a teacher opens one pupil's work).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lti_tool.lti import claims as c
from lti_tool.lti import fields
from lti_tool.lti.claims import Roles, parse_roles
from lti_tool.lti.platform import origin
from lti_tool.lti.refusals import LaunchRefused, Refusal

HISTORY_PARAMETER = "context_history"
"""Our custom parameter that asks for `$Context.id.history`."""
GROUPS_PARAMETER = "groups"
"""Our custom parameter that asks for `$Moodle.Person.userGroupIds`."""
CUSTOM_PARAMETERS = {HISTORY_PARAMETER: "$Context.id.history", GROUPS_PARAMETER: "$Moodle.Person.userGroupIds"}
"""What every registration asks to be sent; a platform that knows a variable not leaves it as it is."""
MAX_GROUPS = 100


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
    data: Any = field(default=None, repr=False)
    """Goes back unchanged; a text at every platform we know. None: the request had none."""

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


_VARIABLE = re.compile(r"\$[A-Za-z][\w.]*")
"""A substitution variable the platform does not know comes back as it was asked for."""


def parse(claims: Mapping[str, Any], *, tool_url: str) -> Launch:
    """Turn verified claims into a launch. `tool_url` is the tool's own origin. Raises LaunchRefused."""
    if claims.get(c.VERSION) != c.VERSION_1P3:
        raise LaunchRefused(Refusal.VERSION_UNSUPPORTED)
    message_type = claims.get(c.MESSAGE_TYPE)
    make = _KINDS.get(message_type) if isinstance(message_type, str) else None
    if make is None:
        raise LaunchRefused(Refusal.MESSAGE_TYPE_UNSUPPORTED)
    return make(claims, _common(claims, tool_url))


def _common(claims: Mapping[str, Any], tool_url: str) -> dict[str, Any]:
    """The fields of Launch."""
    deployment_id = claims.get(c.DEPLOYMENT_ID)
    if not fields.is_identifier(deployment_id):
        raise LaunchRefused(Refusal.DEPLOYMENT_INVALID)
    custom = _custom(claims)
    members = fields.claim_object(claims, c.NAMES_AND_ROLES)
    return {
        "user": _user(claims),
        "deployment_id": deployment_id,
        "roles": _roles(claims),
        "context": _context(claims, custom),
        "custom": custom,
        "nrps": fields.url(members, "context_memberships_url"),
        "ags": _grade_service(claims),
        "presentation": _presentation(claims),
        "platform": _tool_platform(claims),
        "mentored": fields.texts(claims, c.ROLE_SCOPE_MENTOR),
        "target_path": _target_path(claims.get(c.TARGET_LINK_URI), tool_url),
    }


def _user(claims: Mapping[str, Any]) -> User:
    sub = claims.get("sub")
    if sub is None:
        raise LaunchRefused(Refusal.USER_MISSING)
    if not fields.is_identifier(sub):
        raise LaunchRefused(Refusal.USER_INVALID)
    picture = claims.get("picture")
    usable = isinstance(picture, str) and picture.startswith("https://") and fields.is_url(picture)
    return User(
        sub=sub,
        name=fields.text(claims, "name"),
        given_name=fields.text(claims, "given_name"),
        family_name=fields.text(claims, "family_name"),
        middle_name=fields.text(claims, "middle_name"),
        email=fields.text(claims, "email"),
        picture=str(picture) if usable else "",
    )


def _roles(claims: Mapping[str, Any]) -> Roles:
    roles = claims.get(c.ROLES)
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise LaunchRefused(Refusal.ROLES_INVALID)
    return parse_roles(map(fields.clean, roles))


def _context(claims: Mapping[str, Any], custom: Mapping[str, str]) -> Context | None:
    claim = fields.claim_object(claims, c.CONTEXT)
    if not claim:
        return None
    if not fields.is_identifier(claim.get("id")):
        raise fields.wrong(c.CONTEXT)
    history = custom.get(HISTORY_PARAMETER, "")
    return Context(
        id=claim["id"],
        label=fields.text(claim, "label"),
        title=fields.text(claim, "title", 500),
        types=fields.texts(claim, "type"),
        history=tuple(each for part in history.split(",") if fields.is_identifier(each := part.strip())),
    )


def _custom(claims: Mapping[str, Any]) -> dict[str, str]:
    """Parameters with a value: nulls and variables the platform did not fill in are left out."""
    found: dict[str, str] = {}
    for name, value in fields.claim_object(claims, c.CUSTOM).items():
        if isinstance(value, dict | list):
            raise fields.wrong(c.CUSTOM)
        if value is not None and not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
            found[name] = fields.clean(str(value))
    return found


def home_groups(custom: Mapping[str, str]) -> tuple[str, ...] | None:
    """Ids of the groups of the course who arrives is in, in order; None when the platform does not tell."""
    told = custom.get(GROUPS_PARAMETER)
    if told is None or told.startswith("$"):
        return None
    groups = {each for part in told.split(",") if fields.is_identifier(each := part.strip())}
    return tuple(sorted(groups)[:MAX_GROUPS])


def _grade_service(claims: Mapping[str, Any]) -> GradeService | None:
    claim = fields.claim_object(claims, c.GRADE_SERVICE)
    if not claim:
        return None
    return GradeService(
        lineitems=fields.url(claim, "lineitems"),
        lineitem=fields.url(claim, "lineitem"),
        scopes=frozenset(fields.texts(claim, "scope")),
    )


def _presentation(claims: Mapping[str, Any]) -> Presentation:
    claim = fields.claim_object(claims, c.LAUNCH_PRESENTATION)
    back = claim.get("return_url")
    usable = isinstance(back, str) and fields.is_url(back)
    return Presentation(
        locale=fields.text(claim, "locale", 35),
        target=fields.text(claim, "document_target", 20),
        return_url=back if usable else None,
    )


def _tool_platform(claims: Mapping[str, Any]) -> ToolPlatform:
    claim = fields.claim_object(claims, c.TOOL_PLATFORM)
    return ToolPlatform(
        guid=fields.text(claim, "guid"),
        name=fields.text(claim, "name"),
        family=fields.text(claim, "product_family_code", 50),
        version=fields.text(claim, "version", 50),
    )


def _target_path(target: object, tool_url: str) -> str:
    """The local part of target_link_uri. One leading slash exactly: two would lead to another host."""
    if not target or not isinstance(target, str):
        raise LaunchRefused(Refusal.TARGET_MISSING)
    if not fields.is_url(target) or "\\" in target or origin(target) != origin(tool_url):
        raise LaunchRefused(Refusal.TARGET_FOREIGN)
    parts = urlsplit(target)
    return "/" + parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")


def _resource_link(claims: Mapping[str, Any]) -> ResourceLink:
    claim = claims.get(c.RESOURCE_LINK)
    if not isinstance(claim, dict) or not fields.is_identifier(claim.get("id")):
        raise LaunchRefused(Refusal.RESOURCE_LINK_INVALID)
    return ResourceLink(
        id=claim["id"], title=fields.text(claim, "title", 500), description=fields.text(claim, "description", 2000)
    )


def _resource_link_launch(claims: Mapping[str, Any], common: dict[str, Any]) -> Launch:
    return ResourceLinkLaunch(**common, resource_link=_resource_link(claims))


def _deep_linking_launch(claims: Mapping[str, Any], common: dict[str, Any]) -> Launch:
    claim = fields.claim_object(claims, c.DEEP_LINKING_SETTINGS)
    return_url = fields.url(claim, "deep_link_return_url")
    accept_types = fields.texts(claim, "accept_types")
    if return_url is None or not accept_types:
        raise LaunchRefused(Refusal.DEEP_LINKING_INVALID)
    settings = DeepLinkingSettings(
        return_url=return_url,
        accept_types=accept_types,
        accept_multiple=fields.flag(claim, "accept_multiple", False),
        accept_line_item=fields.flag(claim, "accept_lineitem", True),
        accept_targets=fields.texts(claim, "accept_presentation_document_targets"),
        auto_create=fields.flag(claim, "auto_create", False),
        title=fields.text(claim, "title"),
        text=fields.text(claim, "text", 2000),
        data=claim.get("data"),
    )
    return DeepLinkingLaunch(**common, settings=settings)


def _submission_review_launch(claims: Mapping[str, Any], common: dict[str, Any]) -> Launch:
    for_user = fields.claim_object(claims, c.FOR_USER).get("user_id")
    link = None if claims.get(c.RESOURCE_LINK) is None else _resource_link(claims)
    ags: GradeService | None = common["ags"]
    has_place = link is not None or (ags is not None and ags.lineitem is not None)
    if not fields.is_identifier(for_user) or not has_place:
        raise LaunchRefused(Refusal.REVIEW_INVALID)
    return SubmissionReviewLaunch(**common, for_user=for_user, resource_link=link)


_KINDS = {
    c.RESOURCE_LINK_REQUEST: _resource_link_launch,
    c.DEEP_LINKING_REQUEST: _deep_linking_launch,
    c.SUBMISSION_REVIEW_REQUEST: _submission_review_launch,
}
