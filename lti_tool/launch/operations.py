"""Verbs of a launch: use up its state, remember what it told, and keep one that waits for a click."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from lti_tool.contexts.operations import LaunchPlace, remember_launch, role_of
from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.launch.models import ContentSelection, PendingLaunch, UsedState
from lti_tool.lti.messages import DeepLinkingLaunch, Launch, SubmissionReviewLaunch
from lti_tool.people.operations import KeptOut, Known, remember_identity
from lti_tool.platforms.access import KnownPlatform, note_launch
from lti_tool.platforms.models import ACTIVE, PENDING, SUSPENDED, Deployment

STATE_KEPT = timedelta(minutes=11)
"""Longer than a state is accepted at all."""
PENDING_KEPT = timedelta(minutes=10)
"""How long a launch waits for the click in a new tab."""
SELECTION_KEPT = timedelta(hours=8)
"""How long a content selection may stay open."""
PENDING_DEPLOYMENTS = 20
"""Unknown deployments noted per registration: more would only fill the operator's list."""


class NotServed(Exception):
    """A genuine launch that is not let in; `reason` names why (see wording)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Arrival:
    """Who arrived where, as stored."""

    known: Known
    place: LaunchPlace | None
    role: str | None

    @property
    def context_id(self) -> int | None:
        return self.place.context_id if self.place else None


@dataclass(frozen=True)
class Waiting:
    """A pending launch that has been taken up."""

    session: dict[str, Any]
    location: str


def check_registration(platform: KnownPlatform) -> None:
    """Raises NotServed unless people of this registration may come in at the moment."""
    if platform.state != ACTIVE:
        raise NotServed("registration_suspended" if platform.state == SUSPENDED else "registration_pending")


def use_state(state_hash: str, expires_at: datetime) -> bool:
    """Mark a login's state as used by one atomic INSERT; False when it was used before."""
    return insert_if_absent(UsedState, {"state_hash": state_hash, "expires_at": expires_at})


def deployment_of(platform: KnownPlatform, deployment_id: str) -> int:
    """Primary key of an accepted deployment. Raises NotServed; one met first must be noted by `note_deployment`."""
    primary_key, state = platform.deployments.get(deployment_id, (0, ""))
    if state != ACTIVE:
        raise NotServed("deployment_pending")
    return primary_key


def note_deployment(registration_id: int, deployment_id: str) -> None:
    """Keep an unknown deployment for the operator, who may accept it; it is never trusted by itself."""
    waiting = select(func.count()).where(Deployment.registration_id == registration_id, Deployment.state == PENDING)
    if (db.session.scalar(waiting) or 0) < PENDING_DEPLOYMENTS:
        values = {"registration_id": registration_id, "deployment_id": deployment_id}
        insert_if_absent(Deployment, {**values, "state": PENDING, "created_at": utcnow()})


def remember(platform: KnownPlatform, deployment_pk: int, launch: Launch) -> Arrival:
    """Store the person, the context, the link and the membership of a launch, and its line in the audit trail. Raises
    NotServed for somebody who was erased and is kept out."""
    now = utcnow()
    note_launch(platform, now)  # first, as storing a roster locks them: registration, people, memberships
    try:
        known = remember_identity(platform.id, launch.user.sub, launch.user, now)
    except KeptOut:
        raise NotServed("kept_out") from None
    place = remember_launch(
        registration_id=platform.id, deployment_pk=deployment_pk, launch=launch, identity_id=known.id, now=now
    )
    arrival = Arrival(known, place, place.role if place else role_of(launch.roles))
    audit.record(
        _Arriving(known.person_id, platform.organization_id),
        "launch",
        "context",
        arrival.context_id,
        identity=known.id,
        role=arrival.role,
        message=_KINDS.get(type(launch), "link"),
    )
    return arrival


_KINDS: dict[type[Launch], str] = {DeepLinkingLaunch: "deep linking", SubmissionReviewLaunch: "submission review"}


@dataclass(frozen=True)
class _Arriving:
    person_id: int
    organization_id: int


def keep_pending(registration_id: int, session: Mapping[str, Any], location: str, proof: str | None) -> str:
    """Let a launch wait; returns the code that takes it up. `proof`: what the platform's storage must give back."""
    code = secrets.token_urlsafe(32)
    row = PendingLaunch(
        code_hash=_hash(code),
        registration_id=registration_id,
        session=dict(session),
        location=location,
        proof_hash=_hash(proof) if proof is not None else None,
        expires_at=utcnow() + PENDING_KEPT,
    )
    db.session.add(row)
    return code


def take_up(code: str, proof: str | None) -> Waiting | None:
    """Go on with a pending launch, once. None when there is none, it is over, or the proof is wrong."""
    now = utcnow()
    matches = [PendingLaunch.code_hash == _hash(code), PendingLaunch.used_at.is_(None), PendingLaunch.expires_at > now]
    if proof is not None:
        matches.append(PendingLaunch.proof_hash == _hash(proof))
    taken = execute(
        update(PendingLaunch).where(*matches).values(used_at=now).execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return None
    row = db.session.get_one(PendingLaunch, _hash(code))
    waiting = Waiting(row.session, row.location)
    row.session = {}
    return waiting


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_selection(platform: KnownPlatform, launch: DeepLinkingLaunch, arrival: Arrival) -> int:
    """Keep a deep linking request while the teacher picks; returns its id."""
    row = ContentSelection(
        registration_id=platform.id,
        identity_id=arrival.known.id,
        context_id=arrival.context_id,
        deployment_id=launch.deployment_id,
        settings=launch.settings.to_json(),
        expires_at=utcnow() + SELECTION_KEPT,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def finish_selection(selection: ContentSelection) -> None:
    """Mark a content selection as answered. Raises Conflict when it was before."""
    statement = (
        update(ContentSelection)
        .where(ContentSelection.id == selection.id, ContentSelection.answered_at.is_(None))
        .values(answered_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    if execute(statement).rowcount != 1:
        raise Conflict


def state_expiry() -> datetime:
    """When the mark of a refused login's state may go."""
    return utcnow() + STATE_KEPT
