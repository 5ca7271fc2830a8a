"""Which services of an LMS are on, as far as the tool can tell: by the last launch, by the doctor, by what arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.lti import claims as c
from lti_tool.platforms.doctor import OK, ServicePlace
from lti_tool.platforms.evidence import Evidence
from lti_tool.platforms.models import NO_NAMES, DoctorReport, Registration

ON, OFF, UNSEEN, NOT_KEPT = "on", "off", "unseen", "not_kept"
"""Works; the LMS does not give it; nothing has shown yet; the school lets the tool keep none of it."""
GRADE_SCOPES = {
    "scores": (c.SCOPE_SCORE,),
    "columns": (c.SCOPE_LINE_ITEM,),
    "results": (c.SCOPE_RESULT,),
}
"""What the tool uses of Assignment and Grade Services, and the scopes that allow it."""


@dataclass(frozen=True)
class Service:
    """One service and whether it is on."""

    name: str
    state: str
    missing: tuple[str, ...] = ()
    """Of GRADE_SCOPES: the parts that are off."""


def services_of(
    registration: Registration, place: ServicePlace, seen: Evidence, report: DoctorReport | None
) -> list[Service]:
    """Every service the tool asks for, in the order people care about them."""
    launched = registration.last_launch_at is not None
    denied = _denied(report)
    return [
        _roster(place, seen, denied, launched),
        _grades(place, denied, launched),
        Service("deep_linking", ON if seen.chosen else UNSEEN),
        Service("names", _personal(seen.names, registration.kept_names != NO_NAMES)),
        Service("emails", _personal(seen.emails, registration.keeps_emails)),
        Service("groups", ON if seen.groups else UNSEEN),
    ]


def _denied(report: DoctorReport | None) -> frozenset[str]:
    """What the doctor's last look at the permissions missed: of `scores`, `columns` and `roster`."""
    checks: Sequence[Mapping[str, Any]] = report.checks if report is not None else ()
    found = next((check for check in checks if check["name"] == "scopes"), None)
    if found is None or found["verdict"] == OK:
        return frozenset()
    return frozenset(found.get("facts", {}).get("missing", ()))


def _roster(place: ServicePlace, seen: Evidence, denied: frozenset[str], launched: bool) -> Service:
    if "roster" in denied or (place.memberships_url is None and launched):
        return Service("roster", OFF)
    return Service("roster", ON if place.memberships_url or seen.rostered_at else UNSEEN)


def _grades(place: ServicePlace, denied: frozenset[str], launched: bool) -> Service:
    if not launched:
        return Service("grades", UNSEEN)
    offered = frozenset(place.ags_scopes) if place.lineitems_url else frozenset()
    missing = tuple(name for name, scopes in GRADE_SCOPES.items() if name in denied or not offered & set(scopes))
    return Service("grades", OFF if "scores" in missing else ON, missing)


def _personal(seen: bool | None, kept: bool) -> str:
    if not kept:
        return NOT_KEPT
    return UNSEEN if seen is None else ON if seen else OFF
