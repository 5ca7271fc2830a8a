"""Reads of moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from lti_tool.core.db import db, utcnow
from lti_tool.platforms.models import Registration
from lti_tool.platforms.moves.models import CANCELLED, CHECKED, DONE, Move

SHOWN_FOR = timedelta(days=14)
"""How long a move that is done stays on the operator's overview."""


def latest_move(registration_id: int) -> Move | None:
    """The move that counts: the newest that was not cancelled."""
    statement = select(Move).where(Move.registration_id == registration_id, Move.state != CANCELLED)
    return db.session.scalars(statement.order_by(Move.id.desc()).limit(1)).unique().first()


def moves_to_confirm(limit: int = 50) -> Sequence[Move]:
    """Moves an operator has to decide about, the longest waiting first."""
    statement = select(Move).where(Move.state == CHECKED).order_by(Move.id).limit(limit)
    return db.session.scalars(statement).unique().all()


def recent_moves(limit: int = 20) -> Sequence[Move]:
    """Moves of the last two weeks, so that an operator sees also those that needed no yes."""
    lately = Move.finished_at > utcnow() - SHOWN_FOR
    statement = select(Move).where(Move.state == DONE, lately).order_by(Move.finished_at.desc()).limit(limit)
    return db.session.scalars(statement).unique().all()


def has_moved_away(issuer: str, client_id: str | None) -> bool:
    """Did a registration leave this address?"""
    statement = (
        select(Move.id)
        .join(Registration, Registration.id == Move.registration_id)
        .where(Move.old_issuer == issuer, Move.state == DONE, Registration.issuer != issuer)
    )
    if client_id is not None:
        statement = statement.where(Registration.client_id == client_id)
    return db.session.scalar(statement.limit(1)) is not None
