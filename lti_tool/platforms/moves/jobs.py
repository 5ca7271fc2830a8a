"""A look at an LMS's new address: does it publish the keys it had before, and does it know the tool?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import structlog

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, unit_of_work
from lti_tool.core.http import RemoteError
from lti_tool.lti import claims as c
from lti_tool.lti.jwks import fetch_key_set, usable_keys
from lti_tool.lti.services import ServiceError
from lti_tool.platforms.access import KnownPlatform, access_tokens, http, platform_by_id
from lti_tool.platforms.moves.addresses import moved_registration
from lti_tool.platforms.moves.models import CHECKING, Move
from lti_tool.platforms.moves.operations import FAILED, GIVEN, OTHER, SAME, UNKNOWN, note_findings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """What is to be looked at, as values that outlive the transaction."""

    platform: KnownPlatform
    """As it would be after the move."""
    known_keys: dict[str, Any]
    """The key set as it was last read at the old address."""
    address: str


@jobs.task("platforms.look_at_address")
def look_at_address(move_id: int) -> None:
    """Look at the new address and keep what was found."""
    with unit_of_work():
        mine = jobs.claim(Move, move_id)
    order = _order(move_id) if mine else None
    if order is None:
        return
    findings = {"keys": FAILED, "token": "", **_keys(order)}
    if findings["keys"] != FAILED:
        findings["token"] = _token(order.platform)
    with unit_of_work():
        move = db.session.get_one(Move, move_id, with_for_update={"of": Move})
        if move.state == CHECKING and move.new_base == order.address:  # nobody cancelled it or told another meanwhile
            note_findings(move, findings)
    log.info("new address looked at", registration=order.platform.id, keys=findings["keys"], token=findings["token"])


def _order(move_id: int) -> _Order | None:
    move = db.session.get_one(Move, move_id)
    registration, address = move.registration, move.new_base
    platform = platform_by_id(registration.id)
    if platform is None or address is None:
        return None
    changes: dict[str, Any] = {**moved_registration(registration, move.old_base, address)}
    known = dict(registration.jwks or {})
    end_reading()
    return _Order(replace(platform, **changes), known, address)


def _keys(order: _Order) -> dict[str, Any]:
    try:
        document = fetch_key_set(http(), order.platform.jwks_url)
    except RemoteError as error:
        return {"why": error.reason}
    found = usable_keys(document)
    if not found:
        return {"why": "none_usable"}
    known = usable_keys(order.known_keys) if order.known_keys else {}
    if not known:
        return {"keys": UNKNOWN}
    return {"keys": SAME if found.items() & known.items() else OTHER}


def _token(platform: KnownPlatform) -> str:
    """GIVEN, or why the new address gives none."""
    try:
        access_tokens(platform).fetch(c.SERVICE_SCOPES)
    except ServiceError as error:
        return GIVEN if error.code == "invalid_scope" else error.code  # it knows us, but some service is off
    return GIVEN
