"""The calendar of agreements."""

from __future__ import annotations

from datetime import timedelta

from lti_tool.agreements.operations import turn
from lti_tool.agreements.queries import today
from lti_tool.core import jobs


@jobs.every(timedelta(hours=1))
def turn_agreements() -> None:
    """Begin agreements on their first day, end them after their last."""
    turn(today())
