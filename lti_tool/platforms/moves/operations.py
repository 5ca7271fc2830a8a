"""An LMS moves: a link made before, the new address told with it, a look at it, the change, and the way back."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, DomainError, Invalid
from lti_tool.lti.fields import is_identifier, is_url
from lti_tool.lti.platform import origin
from lti_tool.platforms.access import forget_tokens
from lti_tool.platforms.models import ACTIVE, Registration
from lti_tool.platforms.moves.addresses import base_of, moved_registration, rewrite, tell_moved
from lti_tool.platforms.moves.models import CANCELLED, CHECKED, DONE, OPEN, UNDER_WAY, UNDONE, WAITING, Move
from lti_tool.platforms.operations.registrations import refuse_clash

LINK_HOLDS = timedelta(days=90)
"""A move is planned well ahead, and afterwards nobody can come in to make another link."""
SAME, OTHER, UNKNOWN, FAILED = "same", "other", "unknown", "failed"
"""Findings about the keys at the new address: those known from the old one, none of them, nothing to compare with, or
not readable."""
GIVEN = "given"
"""The finding that the new address gives the tool an access token."""


class MoveOver(DomainError):
    """A link that does not exist, is too old or was replaced; nobody is told which."""

    status = 410
    message = _l("This link is too old, or another one was made since.")
    todo = (_l("Ask the people who run this tool for a new one: they know your registration."),)


@dataclass(frozen=True)
class LinkHolder:
    """Whoever opened the link: the organization acts, the person is not known."""

    organization_id: int
    person_id: int | None = None


def begin_move(*, actor: audit.Acting, registration: Registration, by_operator: bool) -> tuple[Move, str]:
    """A link by which the LMS's new address can be told later; an earlier one holds no longer. Returns it and its code,
    which is kept nowhere."""
    _cancel_others(registration.id)
    code = secrets.token_urlsafe(24)
    move = Move(
        registration=registration,
        code_hash=_hash(code),
        expires_at=utcnow() + LINK_HOLDS,
        by_operator=by_operator,
        old_base=base_of(registration.issuer),
        old_issuer=registration.issuer,
        findings={},
        state=OPEN,
    )
    db.session.add(move)
    db.session.flush()
    _record(actor, "move.begin", move, by_operator=by_operator)
    return move, code


def move_of_link(code: str) -> Move:
    """The move of this link. Raises MoveOver."""
    move = db.session.scalars(select(Move).where(Move.code_hash == _hash(code))).unique().one_or_none()
    if move is None or move.state == CANCELLED or move.expires_at <= utcnow():
        raise MoveOver
    return move


def new_base(registration: Registration, address: str) -> str:
    """The new base, as it was typed. Raises Invalid and Conflict."""
    base = base_of(address.strip())
    if not is_url(base) or origin(base) is None or "?" in base or "#" in base:
        raise Invalid({"address": _("Write a whole address that begins with https://.")})
    if not is_identifier(base):
        raise Invalid({"address": _("Make it shorter: at most %(limit)d characters.", limit=255)})
    if base == base_of(registration.issuer):
        raise Invalid({"address": _("That is the address the LMS has now.")})
    issuer = moved_registration(registration, base_of(registration.issuer), base)["issuer"]
    accepted = [each.deployment_id for each in registration.deployments if each.state == ACTIVE]
    refuse_clash(issuer, registration.client_id, accepted, registration)
    return base


def tell_address(*, actor: audit.Acting, move: Move, address: str) -> None:
    """Say where the LMS is now; it is looked at in the background. May be said anew until the move is done."""
    if move.state not in UNDER_WAY:
        raise Conflict(_("This move is over."), _("Begin another one."))
    move.new_base = new_base(move.registration, address)
    move.old_base, move.old_issuer = base_of(move.registration.issuer), move.registration.issuer
    move.state, move.due_at, move.attempts, move.findings = WAITING, utcnow(), 0, {}
    _record(actor, "move.tell", move)


def note_findings(move: Move, findings: dict[str, Any]) -> None:
    """Keep what the look found. A link of an operator's moves at once when the LMS showed its old keys."""
    move.findings, move.state, move.leased_until, move.leased_by = findings, CHECKED, None, None
    if move.by_operator and findings["keys"] == SAME and findings["token"] == GIVEN:
        try:
            confirm_move(actor=None, move=move)
        except Conflict:  # registered twice meanwhile: an operator has to look
            move.findings = findings | {"clash": True}


def confirm_move(*, actor: audit.Acting | None, move: Move) -> None:
    """Let the registration and everything that hangs on it follow; people, contexts and grades keep their ids.

    Raises Conflict unless the new address was looked at and shows keys.
    """
    if move.state == DONE:
        return
    if move.state != CHECKED or move.new_base is None or move.findings.get("keys") == FAILED:
        raise Conflict(_("The new address does not work yet."), _("Check it again when the LMS answers there."))
    counts = _relocate(move, move.old_base, move.new_base)
    move.state, move.finished_at = DONE, utcnow()
    _record(actor, "move.confirm", move, addresses=counts)


def undo_move(*, actor: audit.Acting, move: Move) -> None:
    """Let everything go back to the old address. Raises Conflict when something else has changed it since."""
    if move.state == UNDONE:
        return
    if move.state != DONE or move.new_base is None or base_of(move.registration.issuer) != move.new_base:
        raise Conflict(
            _("This move cannot be taken back: the registration has changed since."), _("Begin another move.")
        )
    counts = _relocate(move, move.new_base, move.old_base)
    move.state, move.finished_at = UNDONE, utcnow()
    _record(actor, "move.undo", move, addresses=counts)


def cancel_move(*, actor: audit.Acting, move: Move) -> None:
    """Nothing comes of it; the link holds no longer."""
    if move.state not in UNDER_WAY:
        raise Conflict(_("This move is over."), _("Open the page again."))
    move.state = CANCELLED
    _record(actor, "move.cancel", move)


def _relocate(move: Move, old: str, new: str) -> int:
    registration = move.registration
    after = moved_registration(registration, old, new)
    accepted = [each.deployment_id for each in registration.deployments if each.state == ACTIVE]
    refuse_clash(after["issuer"], registration.client_id, accepted, registration)
    for name, url in after.items():
        setattr(registration, name, url)
    registration.jwks = registration.jwks_fetched_at = None
    db.session.flush()
    forget_tokens(registration.id)
    counts = rewrite(registration.id, old, new)
    tell_moved(registration.id)
    return counts


def _cancel_others(registration_id: int) -> None:
    others = update(Move).where(Move.registration_id == registration_id, Move.state.in_(UNDER_WAY))
    execute(others.values(state=CANCELLED).execution_options(synchronize_session="fetch"))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _record(actor: audit.Acting | None, verb: str, move: Move, **facts: Any) -> None:
    owner = move.registration.organization_id
    audit.record(actor, verb, "registration", move.registration_id, concerns=owner, move=move.id, **facts)
