"""Telling people, and what they do with what they are told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, Select, case, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, run, table_of, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.core.mail import mail_is_set
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.people.notices.kinds import Facts, kind_named
from lti_tool.people.notices.models import Notice, NoticeDigest
from lti_tool.people.notices.queries import address_of

EVERY = timedelta(days=1)
"""Between two mails to one person."""
_COLUMNS = ("identity_id", "kind", "about", "number", "facts", "at")
_NO_SYNC = {"synchronize_session": False}


def tell(to: Select[Any] | Collection[int], kind: str, about: str, facts: Facts, *, number: int = 1) -> None:
    """Tell these identities (a selection of their ids, or ids) of something; one statement.

    `facts` are ids and titles, never names of people. Who was told the same before is told anew.
    """
    assert kind_named(kind)
    if not isinstance(to, Select):
        to = select(Identity.id).where(Identity.id.in_(to), Identity.erased_at.is_(None))
    told = (
        literal(kind),
        literal(about),
        literal(number),
        literal(dict(facts), JSON),
        literal(utcnow(), Notice.at.type),
    )
    table = table_of(Notice)
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table)
    statement = insert.from_select(_COLUMNS, to.add_columns(*told), include_defaults=False)
    new = statement.excluded
    again = case((table.c.read_at.is_(None), table.c.number + new.number), else_=new.number)
    run(
        statement.on_conflict_do_update(
            index_elements=["identity_id", "kind", "about"],
            set_={"number": again, "facts": new.facts, "at": new["at"], "read_at": None, "mailed_at": None},
        )
    )


def untell(to: Collection[int], kind: str, about: str) -> None:
    """It was taken back: who has not read of it yet (identity ids) never will. Mails that went out stay."""
    gone = delete(Notice).where(Notice.identity_id.in_(to), Notice.kind == kind, Notice.about == about)
    execute(gone.where(Notice.read_at.is_(None)).execution_options(**_NO_SYNC))


def mark_read(*, actor: Actor, notice: Notice) -> None:
    """The person has opened it."""
    assert notice.identity_id == actor.identity_id
    notice.read_at = notice.read_at or utcnow()


def mark_all_read(*, actor: Actor, until: datetime) -> int:
    """All that the person was shown at `until`; returns how many were unread."""
    own = (Notice.identity_id == actor.identity_id, Notice.read_at.is_(None), Notice.at <= until)
    return execute(update(Notice).where(*own).values(read_at=utcnow()).execution_options(**_NO_SYNC)).rowcount


def agree_to_mail(*, actor: Actor) -> None:
    """One mail a day about what is new. Raises Conflict where there is no server or no address. Twice is once."""
    if not mail_is_set():
        raise Conflict(_("This installation sends no mail."))
    if not address_of(actor):
        raise Conflict(_("Your school sends no e-mail address of yours, so there is nowhere to write to."))
    values = {"identity_id": actor.identity_id, "as_pupil": actor.is_pupil, "state": "waiting", "attempts": 0}
    now = utcnow()
    if insert_if_absent(NoticeDigest, {**values, "created_at": now, "due_at": now + EVERY}):
        audit.record(actor, "notices.mail", "person", actor.person_id)


def stop_mail(*, actor: Actor) -> None:
    """No mail any more. Twice is once."""
    own = delete(NoticeDigest).where(NoticeDigest.identity_id == actor.identity_id)
    if execute(own.execution_options(**_NO_SYNC)).rowcount:
        audit.record(actor, "notices.no_mail", "person", actor.person_id)
