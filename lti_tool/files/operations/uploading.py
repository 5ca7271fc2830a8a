"""A file that comes in pieces: begun, one piece after the other at the right place, whole, or given up.

The content goes to the storage outside any transaction. What counts is `Upload.received`: a piece that was written and
not counted, because the process died in between, is asked for and written once more.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from lti_tool.core import jobs
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, DomainError, Invalid
from lti_tool.core.policy import require
from lti_tool.core.storage import Begun, clean_name
from lti_tool.files.inspection import Facts
from lti_tool.files.kinds import KINDS, is_one_of
from lti_tool.files.models import StoredFile, Upload
from lti_tool.files.operations.keeping import MAX_FILE, add, drop, too_large, wrong_kind
from lti_tool.people.actor import Actor

HOLDS = timedelta(days=1)
"""How long an upload may rest before it is given up; each piece renews it."""
PIECE_TAKES = timedelta(minutes=2)
"""The longest a piece may take to be written: after that its writer is taken for dead."""
MOST_UNDER_WAY = 40
"""Uploads of one person that are not whole yet."""
PERSON_BYTES = 2 * 1024**3
"""Declared bytes of one person's uploads under way."""
ORGANIZATION_BYTES = 50 * 1024**3
"""Declared bytes of one organization's uploads under way: a hundred people with a film each."""


class Expired(DomainError):
    """The upload was given up."""

    status = 410
    message = _l("This upload has rested for too long and was given up.")
    todo = (_l("Choose the file once more."),)


class TooMuch(DomainError):
    """More bytes than there is room for."""

    status = 413
    message = _l("This is too large to be accepted.")
    todo = (_l("Choose a smaller file, or split it."),)


class WrongOffset(Conflict):
    """The piece does not begin where the last one ended."""

    message = _l("This piece of the file does not follow the one before.")


class Busy(Conflict):
    """Another piece of the same file is being written."""

    message = _l("Another piece of this file is arriving.")


@dataclass(frozen=True)
class Held:
    """An upload this request alone may write to, as values."""

    id: int
    token: str
    begun: Begun
    name: str
    kinds: tuple[str, ...]
    received: int
    size: int


def require_room(*, actor: Actor, name: str, size: int, kinds: Sequence[str]) -> None:
    """Raise TooMuch or Invalid when an upload may not begin."""
    if any(kind not in KINDS for kind in kinds) or not kinds:
        raise Invalid({"kinds": _("The request could not be understood.")})
    if size < 1:
        raise Invalid({"files": _("%(name)s is empty.", name=clean_name(name))})
    if size > MAX_FILE:
        raise TooMuch(too_large(clean_name(name), MAX_FILE))
    mine, bytes_of_mine = _under_way(Upload.person_id == actor.person_id)
    if mine >= MOST_UNDER_WAY or bytes_of_mine + size > PERSON_BYTES:
        raise TooMuch(_("Too many of your files are under way."), _("Wait until some of them are complete."))
    if actor.organization_id is not None:
        _count, bytes_of_all = _under_way(Upload.organization_id == actor.organization_id)
        if bytes_of_all + size > ORGANIZATION_BYTES:
            raise TooMuch(_("Too many files of your organization are under way."), _("Try again in an hour."))


def _under_way(whose: ColumnElement[bool]) -> tuple[int, int]:
    statement = select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(
        whose, Upload.expires_at > utcnow(), Upload.file_id.is_(None)
    )
    count, size = db.session.execute(statement).one()
    return count, int(size)


def begin(*, actor: Actor, begun: Begun, name: str, size: int, kinds: Sequence[str]) -> Upload:
    """Note an upload that the storage has begun."""
    upload = Upload(
        token=secrets.token_urlsafe(32),
        organization_id=actor.organization_id,
        person_id=actor.person_id,
        name=clean_name(name),
        kinds=" ".join(kinds),
        size=size,
        received=0,
        key=begun.key,
        handle=begun.handle,
        expires_at=utcnow() + HOLDS,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def find(*, actor: Actor, token: str) -> Upload:
    """The person's own upload. Raises NotFound for a token that is nobody's or another's, Expired."""
    upload = db.session.scalar(select(Upload).where(Upload.token == token))
    require(actor, "upload.continue", upload)
    assert upload is not None
    if upload.expires_at <= utcnow():
        raise Expired
    return upload


def hold(*, actor: Actor, token: str, offset: int, length: int) -> Held:
    """Keep everybody else from this upload while a piece of `length` bytes is written at `offset`. Raises WrongOffset,
    Busy, TooMuch."""
    upload = find(actor=actor, token=token)
    if offset != upload.received:
        raise WrongOffset
    if offset + length > upload.size:
        raise TooMuch(_("More arrived than was announced. Choose the file once more."))
    now = utcnow()
    free = or_(Upload.held_until.is_(None), Upload.held_until < now)
    if jobs.is_gone(upload.held_by):
        free = or_(free, Upload.held_by == upload.held_by)
    statement = (
        update(Upload)
        .where(Upload.id == upload.id, Upload.received == offset, free)
        .values(held_until=now + PIECE_TAKES, held_by=jobs.worker_name())
        .execution_options(synchronize_session=False)
    )
    if execute(statement).rowcount == 0:
        raise Busy
    return Held(upload.id, token, upload.begun, upload.name, tuple(upload.kinds.split()), upload.received, upload.size)


def let_go(held: Held, *, received: int | None = None) -> None:
    """The writing is over; `received`: how many bytes count now, None: as many as before."""
    values: dict[str, Any] = {"held_until": None, "held_by": None}
    if received is not None:
        values |= {"received": received, "expires_at": utcnow() + HOLDS}
    execute(update(Upload).where(Upload.id == held.id).values(values).execution_options(synchronize_session=False))


def complete(*, actor: Actor, held: Held, facts: Facts) -> StoredFile:
    """The last piece is there: the upload becomes a file. Raises Invalid when the page takes no such type; the view
    then gives the upload up."""
    upload = db.session.get_one(Upload, held.id, populate_existing=True)
    if upload.file_id is not None:
        return db.session.get_one(StoredFile, upload.file_id)
    if not is_one_of(facts.media_type, held.kinds):
        raise Invalid({"files": wrong_kind(upload.name, held.kinds)})
    file = add(actor=actor, key=upload.key, name=upload.name, facts=facts)
    upload.file_id = file.id
    return file


def give_up(*, actor: Actor, token: str) -> Begun | None:
    """Forget an upload, and its file unless a feature has taken it; what the storage shall abandon, if anything."""
    upload = find(actor=actor, token=token)
    file = db.session.get(StoredFile, upload.file_id) if upload.file_id else None
    db.session.delete(upload)
    db.session.flush()
    if file is not None:
        drop(actor=actor, file=file)
        return None
    return upload.begun


def expired(limit: int = 200) -> list[tuple[int, Begun | None]]:
    """Uploads that are over: their ids, and what the storage shall abandon of those that never became a file."""
    statement = select(Upload).where(Upload.expires_at <= utcnow()).order_by(Upload.id).limit(limit)
    return [(one.id, None if one.file_id else one.begun) for one in db.session.scalars(statement)]


def forget(ids: Sequence[int]) -> None:
    """Remove the rows of uploads that are over."""
    execute(delete(Upload).where(Upload.id.in_(ids)))
