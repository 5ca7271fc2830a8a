"""Noting who is to be told."""

from __future__ import annotations

from sqlalchemy import literal

from lti_tool.core.db import insert_absent, utcnow
from lti_tool.courses.endings.models import EndingMail
from lti_tool.courses.endings.queries import readers

COLUMNS = ("agreement_id", "last_day", "person_id", "address", "locale", "state", "due_at", "attempts", "created_at")


def note_endings() -> int:
    """Order a mail to everybody who was not told of this last day yet; returns how many."""
    now = literal(utcnow(), EndingMail.due_at.type)
    told = (literal("waiting"), now, literal(0), now)
    return sum(insert_absent(EndingMail, COLUMNS, rows.add_columns(*told)) for rows in readers())
