"""Services in words: what each is for, what the tool does without it, and where it is switched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.lti.messages import CUSTOM_PARAMETERS, GROUPS_PARAMETER
from lti_tool.lti.moodle import FAMILY as MOODLE
from lti_tool.platforms.doctor import QUIET
from lti_tool.platforms.evidence import Evidence
from lti_tool.platforms.models import Registration
from lti_tool.platforms.services import NOT_KEPT, OFF, ON, UNSEEN, Service

ROSTER_OLD = timedelta(days=2)
"""Lists of courses in use are read several times a day."""
KEYS_OLD = timedelta(days=30)
TOKEN_OLD = timedelta(days=7)

STATES: dict[str, tuple[Any, str]] = {
    ON: (_l("on"), "success"),
    OFF: (_l("off"), "warning"),
    UNSEEN: (_l("not seen yet"), "secondary"),
    NOT_KEPT: (_l("not kept, as your school chose"), "info"),
}
"""Word and colour of a service's state."""
_COG = _l(
    "Moodle: Site administration → Plugins → Activity modules → External tool → Manage tools → cog of this tool → "
    "%(where)s"
)
_PARTS: dict[str, Any] = {
    "scores": _l("send grades"),
    "columns": _l("make gradebook columns"),
    "results": _l("read grades back to compare them"),
}


@dataclass(frozen=True)
class Words:
    """A service as the administrator reads it."""

    title: Any
    purpose: Any
    without: Any
    where: Any
    """Below the tool's cog in Moodle."""
    elsewhere: Any
    """In other LMSs."""


SERVICES: dict[str, Words] = {
    "roster": Words(
        _l("List of participants (Names and Role Provisioning)"),
        _l("The class is complete before everyone has come in, and who has left is noticed."),
        _l("People appear when they first come in; who leaves the course is not noticed."),
        _l(
            "Services → “IMS LTI Names and Role Provisioning”: “Use this service to retrieve members' information as per privacy settings”, or “Do not use this service”"
        ),
        _l("In the LMS: allow the tool the service Names and Roles."),
    ),
    "grades": Words(
        _l("Grades (Assignment and Grade Services)"),
        _l("The tool makes columns for its own activities, sends grades there and compares them with what is there."),
        _l("Grades are given and kept in the tool; teachers copy them into the gradebook by hand."),
        _l(
            "Services → “IMS LTI Assignment and Grade Services”: “Use this service for grade sync and column management”, or “Do not use this service”"
        ),
        _l("In the LMS: allow the tool the service Assignment and Grades."),
    ),
    "deep_linking": Words(
        _l("Choosing content (Deep Linking)"),
        _l("A teacher picks a shared course or one of its activities while adding it to the LMS course."),
        _l("The teacher adds the tool as it is and chooses on its first page."),
        _l(
            "Tool settings → “Supports Deep Linking (Content-Item Message)”, with the Content Selection URL of the tool's configuration page"
        ),
        _l("In the LMS: allow the tool deep linking, or content selection."),
    ),
    "names": Words(
        _l("Names of people"),
        _l("Teachers know their pupils by name; other schools see first name and initial."),
        _l("Everybody is “Participant 14” with the school's name. All else works."),
        _l("Privacy → “Share launcher's name with tool”: Always, or Never"),
        _l("In the LMS: whether the tool receives names."),
    ),
    "emails": Words(
        _l("E-mail addresses"),
        _l("They are kept beside the name, for your own school alone."),
        _l("Nothing is missing."),
        _l("Privacy → “Share launcher's email with tool”: Always, or Never"),
        _l("In the LMS: whether the tool receives e-mail addresses."),
    ),
    "groups": Words(
        _l("Groups of the LMS course"),
        _l("Teachers find pupils by their groups; only numbers of groups are told."),
        _l("Participants cannot be filtered by group. All else works."),
        _l("Tool settings → “Custom parameters”: the line %(line)s; take it away to switch it off"),
        _l("In the LMS: the custom parameter %(line)s, where the LMS knows that variable."),
    ),
}


@dataclass(frozen=True)
class ServiceTold:
    """A service with its state, in words."""

    title: str
    state: str
    kind: str
    purpose: str
    without: str
    ways: list[str]
    missing: list[str] = field(default_factory=list)


def tell_services(services: Iterable[Service], product: str) -> list[ServiceTold]:
    """Services for an LMS of this family; the ways of both kinds when the family is not known."""
    return [_tell(each, product) for each in services]


def _tell(service: Service, product: str) -> ServiceTold:
    words = SERVICES[service.name]
    state, kind = STATES[service.state]
    line = {"line": f"{GROUPS_PARAMETER}={CUSTOM_PARAMETERS[GROUPS_PARAMETER]}"}
    moodle, other = str(_COG) % {"where": str(words.where) % line}, str(words.elsewhere) % line
    ways = [moodle] if product == MOODLE else [other] if product else [moodle, other]
    missing = [str(_PARTS[part]) for part in service.missing]
    return ServiceTold(str(words.title), str(state), kind, str(words.purpose), str(words.without), ways, missing)


@dataclass(frozen=True)
class DateTold:
    """When something last happened, and what is odd about that."""

    title: str
    at: datetime | None
    warning: str = ""


def tell_dates(registration: Registration, seen: Evidence, token_at: datetime | None, now: datetime) -> list[DateTold]:
    """The dates of a registration; what is old although people come in is worth a word."""
    launched = registration.last_launch_at

    def old(at: datetime | None, after: timedelta, warning: Any) -> str:
        in_use = launched is not None and now - launched <= after
        return str(warning) if in_use and at is not None and now - at > after else ""

    quiet = launched is not None and now - launched > QUIET
    check = _l("It is older than it should be: press “Check now” below.")
    return [
        DateTold(_("Registered"), registration.created_at),
        DateTold(_("Last launch"), launched, _("Nobody has come in for two months.") if quiet else ""),
        DateTold(_("Last list of participants"), seen.rostered_at, old(seen.rostered_at, ROSTER_OLD, check)),
        DateTold(_("Last grade that arrived in a gradebook"), seen.delivered_at),
        DateTold(_("Last access given by the LMS"), token_at, old(token_at, TOKEN_OLD, check)),
        DateTold(
            _("Keys of the LMS read"),
            registration.jwks_fetched_at,
            old(registration.jwks_fetched_at, KEYS_OLD, check),
        ),
    ]
