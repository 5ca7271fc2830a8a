"""Noting who is to be told."""

from __future__ import annotations

from sqlalchemy import delete, literal

from lti_tool.agreements.queries import today
from lti_tool.core.db import execute, insert_absent, utcnow
from lti_tool.courses.endings.models import EndingMail
from lti_tool.courses.endings.queries import readers

COLUMNS = ("agreement_id", "last_day", "person_id", "address", "locale", "state", "due_at", "attempts", "created_at")


def note_endings() -> int:
    """Order a mail to everybody who was not told of this last day yet; returns how many."""
    now = literal(utcnow(), EndingMail.due_at.type)
    told = (literal("waiting"), now, literal(0), now)
    return sum(insert_absent(EndingMail, COLUMNS, rows.add_columns(*told)) for rows in readers())


def forget_endings() -> None:
    """Remove the mails of days that have passed: nobody is told of them again."""
    over = delete(EndingMail).where(EndingMail.last_day < today())
    execute(over.execution_options(synchronize_session=False))
