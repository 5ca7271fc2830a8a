"""What is held of calendar addresses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lti_tool.courses.calendar.models import CalendarFeed
from lti_tool.people.belongings.registry import holds


def register() -> None:
    """Tell what is held; it goes with the person, or when they end it."""
    holds(
        CalendarFeed.identity_id,
        _l("Secret address of the own calendar"),
        told=select(CalendarFeed.created_at),
        words={"created_at": _l("Since")},
    )
