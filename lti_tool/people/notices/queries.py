"""Reads of notices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from lti_tool.core.db import db
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.people.notices.kinds import kind_names
from lti_tool.people.notices.models import Notice, NoticeDigest


def unread(identity_id: Any) -> Any:
    """SQL: how many unread notices this identity has."""
    statement = select(func.count(Notice.id)).where(Notice.identity_id == identity_id, Notice.read_at.is_(None))
    return statement.scalar_subquery()


def notices_of(actor: Actor) -> Select[tuple[Notice]]:
    """The actor's own, the newest first."""
    own = select(Notice).where(Notice.identity_id == actor.identity_id, Notice.kind.in_(kind_names()))
    return own.order_by(Notice.at.desc(), Notice.id.desc())


def digest_of(actor: Actor) -> NoticeDigest | None:
    """The agreement to a daily mail; None: there is none."""
    return db.session.scalar(select(NoticeDigest).where(NoticeDigest.identity_id == actor.identity_id))


def address_of(actor: Actor) -> str:
    """The e-mail address the LMS sends; empty when it sends none."""
    return db.session.scalar(select(Identity.email).where(Identity.id == actor.identity_id)) or ""
