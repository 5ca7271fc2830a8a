"""Names of claims, scopes, message types and roles, and what roles come to.

A *context role* is held in one course; *institution* and *system* roles are held elsewhere and never make anybody a
teacher of a course. A sub-role such as `membership/Instructor#TeachingAssistant` refines a context role
(LTI Core 1.3, appendix A.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = LTI + "message_type"
VERSION = LTI + "version"
DEPLOYMENT_ID = LTI + "deployment_id"
TARGET_LINK_URI = LTI + "target_link_uri"
RESOURCE_LINK = LTI + "resource_link"
ROLES = LTI + "roles"
ROLE_SCOPE_MENTOR = LTI + "role_scope_mentor"
CONTEXT = LTI + "context"
CUSTOM = LTI + "custom"
TOOL_PLATFORM = LTI + "tool_platform"
LAUNCH_PRESENTATION = LTI + "launch_presentation"
FOR_USER = LTI + "for_user"

DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
CONTENT_ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
DEEP_LINKING_DATA = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
DEEP_LINKING_MESSAGE = "https://purl.imsglobal.org/spec/lti-dl/claim/msg"
DEEP_LINKING_ERROR = "https://purl.imsglobal.org/spec/lti-dl/claim/errormsg"
NAMES_AND_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GRADE_SERVICE = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"

VERSION_1P3 = "1.3.0"
RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE = "LtiDeepLinkingResponse"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"

SCOPE_MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPE_LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SERVICE_SCOPES = (SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE, SCOPE_MEMBERS)
"""Everything the tool asks a platform for."""

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
MEMBERSHIP = LIS + "membership"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

_TEACHER = frozenset({"Instructor", "Administrator"})
_ASSISTANT = frozenset({"TeachingAssistant", "Grader"})
_ADMINISTRATOR = frozenset({"Administrator", "SysAdmin", "AccountAdmin"})


@dataclass(frozen=True)
class Roles:
    """What a person may be in this context. All False: least rights. A teacher may be a learner as well."""

    teacher: bool = False
    learner: bool = False
    assistant: bool = False
    """A teaching assistant by sub-role; not counted as teacher unless another role says so."""
    mentor: bool = False
    administrator: bool = False
    """Of the site or institution; says nothing about this context."""
    test_user: bool = False
    """A pretended pupil such as a "student view"; has no column in the gradebook."""
    strings: tuple[str, ...] = ()
    """The roles as they were sent."""


def parse_roles(uris: Iterable[str]) -> Roles:
    """Make sense of role URIs and short names; unknown ones count for nothing."""
    return _parse(tuple(uris))


@lru_cache(maxsize=1024)
def _parse(uris: tuple[str, ...]) -> Roles:
    context = {role for uri in uris if (role := _context_role(uri)) is not None}
    assistant = any(_is_assistant(role) for role in context)
    plain = {name for principal, name in context if principal is None}
    refined = {(principal, name) for principal, name in context if principal is not None}
    teaches = {role for role in refined if role[0] == "Instructor" and not _is_assistant(role)}
    # a platform that sends a sub-role sends its principal role as well: an assistant's plain "Instructor" is no more
    alone = {"Instructor"} if assistant and not teaches else set()
    return Roles(
        teacher=bool(teaches or (plain & _TEACHER) - alone),
        learner="Learner" in plain or any(principal == "Learner" for principal, _name in refined),
        assistant=assistant,
        mentor="Mentor" in plain or any(principal == "Mentor" for principal, _name in refined),
        administrator=any(_is_administrator(uri) for uri in uris),
        test_user=TEST_USER in uris,
        strings=uris,
    )


def _context_role(uri: str) -> tuple[str | None, str] | None:
    """(principal or None, name) of a context role; None for roles held elsewhere and unknown forms."""
    if uri.startswith(MEMBERSHIP):
        principal, mark, name = uri[len(MEMBERSHIP) :].partition("#")
        if not mark or not name or (principal and not principal.startswith("/")):
            return None
        return (principal[1:] or None, name)
    is_short = uri.isascii() and uri.isalpha()
    return (None, uri) if is_short else None


def _is_assistant(role: tuple[str | None, str]) -> bool:
    principal, name = role
    return principal in (None, "Instructor", "TeachingAssistant") and (
        name in _ASSISTANT or name.startswith("TeachingAssistant")
    )


def _is_administrator(uri: str) -> bool:
    """Institution and system forms, and Moodle's rosters, which shorten the path to `v2/person`."""
    place, _mark, name = uri.removeprefix(LIS).partition("#")
    return uri.startswith(LIS) and place in ("system/person", "institution/person", "person") and name in _ADMINISTRATOR
