"""The doctor: tries every service of a registration as the tool uses it, and says what it found.

A check gives a verdict and a code; wording.py turns them into sentences. The only thing written to an LMS is one
gradebook column of our own without a single grade, and it is taken away again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lti_tool.core.db import utcnow
from lti_tool.core.http import Blocked, RemoteError
from lti_tool.lti import claims as c
from lti_tool.lti.clock import clock_difference
from lti_tool.lti.services import AssignmentAndGrades, LineItem, LineItemSpec, ServiceError, TokenRefused
from lti_tool.platforms.access import (
    KnownPlatform,
    access_tokens,
    grade_service,
    http,
    names_and_roles,
    platform_keys,
)
from lti_tool.platforms.models import ACTIVE

OK, WARNING, FAILED, SKIPPED = "ok", "warning", "failed", "skipped"
WORST_FIRST = (FAILED, WARNING, OK, SKIPPED)
NAMES = ("registration", "keys", "clock", "token", "scopes", "roster", "column", "launch")
"""The checks in their order."""
CLOCK_WARNING, CLOCK_FAILED = timedelta(seconds=5), timedelta(seconds=60)
"""Five seconds is how far our assertions are dated back; a minute is how long an LMS's message lives."""
QUIET = timedelta(days=60)
"""Nobody came for longer than this: worth a word, not more."""
OURS = "schools-together-check"
"""`tag` of the test column, and the beginning of its `resourceId`: nothing else is ever removed."""
LABEL, LABEL_CHANGED = "Schools Together: check", "Schools Together: check done"


@dataclass(frozen=True)
class ServicePlace:
    """Where the services of one LMS course are, as a launch told; the features above know contexts."""

    memberships_url: str | None = None
    lineitems_url: str | None = None
    ags_scopes: Collection[str] = ()


@dataclass(frozen=True)
class Patient:
    """A registration as plain values, to be examined outside any transaction."""

    platform: KnownPlatform
    scopes: Collection[str]
    """As the LMS echoed at registration; empty when it was made by hand."""
    place: ServicePlace
    last_launch_at: datetime | None


@dataclass(frozen=True)
class Check:
    """One finding; `facts` are numbers, codes, host names and the like, never names of people."""

    name: str
    verdict: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


PlaceFinder = Callable[[int], ServicePlace]
_place_finders: list[PlaceFinder] = []


def find_places_with(finder: PlaceFinder) -> None:
    """Have the feature that knows contexts say where services of a registration can be tried."""
    _place_finders[:] = [finder]


def place_of(registration_id: int) -> ServicePlace:
    return _place_finders[0](registration_id) if _place_finders else ServicePlace()


def worst(checks: Collection[Check]) -> str:
    """The verdict on the whole: the worst of all."""
    found = {check.verdict for check in checks}
    return next((verdict for verdict in WORST_FIRST if verdict in found), SKIPPED)


def examine(patient: Patient) -> Iterator[Check]:
    """Every check, one after the other. Call it outside a transaction."""
    yield _registration(patient.platform)
    yield _keys(patient.platform)
    yield _clock(patient.platform)
    granted: set[str] = set()
    yield from _tokens(patient, granted)
    yield _roster(patient, granted)
    yield _column(patient, granted)
    yield _launch(patient)


def _registration(platform: KnownPlatform) -> Check:
    pending = sorted(name for name, (_pk, state) in platform.deployments.items() if state != ACTIVE)
    if not platform.is_active:
        return Check("registration", WARNING, platform.state)
    if pending:
        return Check("registration", WARNING, "pending_deployments", {"deployments": ", ".join(pending)[:300]})
    if not platform.deployments:
        return Check("registration", OK, "no_deployments")
    return Check("registration", OK, "active")


def _keys(platform: KnownPlatform) -> Check:
    try:
        usable = platform_keys().fetch(platform)
    except RemoteError as error:
        return Check("keys", FAILED, "blocked" if isinstance(error, Blocked) else "unreachable", {"why": error.reason})
    if not usable:
        return Check("keys", FAILED, "none_usable")
    return Check("keys", OK, "read", {"count": len(usable)})


def _clock(platform: KnownPlatform) -> Check:
    try:
        difference = clock_difference(http(), platform.jwks_url)
    except RemoteError:
        return Check("clock", SKIPPED, "unreachable")
    if difference is None:
        return Check("clock", SKIPPED, "not_told")
    seconds = round(difference.total_seconds())
    facts = {"seconds": abs(seconds)}
    direction = "ahead" if seconds > 0 else "behind"
    if abs(difference) >= CLOCK_FAILED:
        return Check("clock", FAILED, direction, facts)
    if abs(difference) >= CLOCK_WARNING:
        return Check("clock", WARNING, direction, facts)
    return Check("clock", OK, "agrees", facts)


def _tokens(patient: Patient, granted: set[str]) -> Iterator[Check]:
    """Whether a token is given, and for which scopes; fills `granted`."""
    wanted = sorted(patient.scopes) or list(c.SERVICE_SCOPES)
    trouble: ServiceError | None = None
    try:
        granted |= access_tokens(patient.platform).fetch(wanted).scopes & set(c.SERVICE_SCOPES)
    except TokenRefused as error:
        trouble = error
        if error.code == "invalid_scope":  # one that is switched off makes some platforms refuse all
            granted |= _one_by_one(patient.platform)
    except ServiceError as error:
        trouble = error
    if trouble is not None and not granted:
        yield Check("token", FAILED, *_told(trouble))
        yield Check("scopes", SKIPPED, "no_token")
        return
    yield Check("token", OK, "given")
    yield _scopes(granted)


def _one_by_one(platform: KnownPlatform) -> set[str]:
    granted: set[str] = set()
    for scope in c.SERVICE_SCOPES:
        try:
            granted |= access_tokens(platform).fetch([scope]).scopes & {scope}
        except ServiceError:
            continue
    return granted


def _scopes(granted: Collection[str]) -> Check:
    needed = {
        "scores": {c.SCOPE_SCORE},
        "columns": {c.SCOPE_LINE_ITEM},
        "roster": {c.SCOPE_MEMBERS},
    }
    missing = sorted(name for name, scopes in needed.items() if not scopes & set(granted))
    if not missing:
        return Check("scopes", OK, "all")
    verdict = FAILED if "scores" in missing else WARNING
    return Check("scopes", verdict, "missing", {"missing": missing})


def _roster(patient: Patient, granted: Collection[str]) -> Check:
    url = patient.place.memberships_url
    if not granted:
        return Check("roster", SKIPPED, "no_token")
    if url is None:
        return Check("roster", SKIPPED, "no_place")
    if c.SCOPE_MEMBERS not in granted:
        return Check("roster", SKIPPED, "no_scope")
    try:
        roster = names_and_roles(patient.platform).members(url)
    except ServiceError as error:
        return Check("roster", FAILED, *_told(error))
    nameless = sum(1 for member in roster.members if not (member.name or member.given_name or member.family_name))
    if roster.members and nameless == len(roster.members):
        return Check("roster", WARNING, "no_names", {"count": len(roster.members)})
    return Check("roster", OK, "read", {"count": len(roster.members)})


def _column(patient: Patient, granted: Collection[str]) -> Check:
    url = patient.place.lineitems_url
    if not granted:
        return Check("column", SKIPPED, "no_token")
    if url is None:
        return Check("column", SKIPPED, "no_place")
    if c.SCOPE_LINE_ITEM not in granted:
        return Check("column", SKIPPED, "no_scope")
    return _try_column(grade_service(patient.platform, {*patient.place.ags_scopes, c.SCOPE_LINE_ITEM}), url)


def _try_column(service: AssignmentAndGrades, url: str) -> Check:
    """Make, read, change and remove a column without grades."""
    mark = f"{OURS}-{secrets.token_hex(4)}"
    made: LineItem | None = None
    step = "find"
    try:
        _remove_ours(service, url)
        step = "create"
        made = service.create(url, LineItemSpec(LABEL, score_maximum=1, resource_id=mark, tag=OURS))
        step = "read"
        if not _is_ours(service.read(made.url), mark):
            made = None
            return Check("column", FAILED, "another_column", {"step": step})
        step = "change"
        service.update(made.url, label=LABEL_CHANGED)
    except ServiceError as error:
        _clear_away(service, url, made)
        code, facts = _told(error)
        return Check("column", FAILED, code, {**facts, "step": step})
    trouble = _clear_away(service, url, made)
    if trouble is not None:
        code, facts = _told(trouble)
        return Check("column", FAILED, code, {**facts, "step": "remove"})
    return Check("column", OK, "works")


def _is_ours(item: LineItem, mark: str) -> bool:
    return item.resource_id == mark or item.label == LABEL


def _clear_away(service: AssignmentAndGrades, url: str, made: LineItem | None) -> ServiceError | None:
    """Remove the test column, also one whose making was not answered. What fails is tried again by the next check."""
    try:
        if made is None:
            _remove_ours(service, url)
        else:
            service.delete(made.url)
    except ServiceError as error:
        return error
    return None


def _remove_ours(service: AssignmentAndGrades, url: str) -> None:
    """Take away a test column that a check left behind when it was cut off."""
    for item in service.find(url, tag=OURS):
        if item.resource_id.startswith(f"{OURS}-") and not item.resource_link_id:
            service.delete(item.url)


def _launch(patient: Patient) -> Check:
    if patient.last_launch_at is None:
        return Check("launch", WARNING, "never")
    facts = {"at": patient.last_launch_at.isoformat()}
    if utcnow() - patient.last_launch_at > QUIET:
        return Check("launch", WARNING, "long_ago", facts)
    return Check("launch", OK, "seen", facts)


def _told(error: ServiceError) -> tuple[str, dict[str, Any]]:
    return error.code, {} if error.status is None else {"status": error.status}
