"""Making, renewing and ending the own calendar address."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, update

from lti_tool.core import audit
from lti_tool.core.db import execute, insert_if_absent, utcnow
from lti_tool.courses.calendar.models import CalendarFeed
from lti_tool.people.actor import Actor

_NO_SYNC = {"synchronize_session": False}


def renew_address(*, actor: Actor) -> None:
    """A new address, the first or another one; the one before leads nowhere from now on."""
    name = secrets.token_hex(16)
    values = {"identity_id": actor.identity_id, "name": name, "as_pupil": actor.is_pupil, "created_at": utcnow()}
    if not insert_if_absent(CalendarFeed, values):
        own = update(CalendarFeed).where(CalendarFeed.identity_id == actor.identity_id)
        execute(own.values(name=name, as_pupil=actor.is_pupil).execution_options(**_NO_SYNC))
    audit.record(actor, "calendar.renew", "person", actor.person_id)


def end_address(*, actor: Actor) -> None:
    """No calendar any more. Twice is once."""
    own = delete(CalendarFeed).where(CalendarFeed.identity_id == actor.identity_id)
    if execute(own.execution_options(**_NO_SYNC)).rowcount:
        audit.record(actor, "calendar.end", "person", actor.person_id)
