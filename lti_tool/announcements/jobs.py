"""What is not needed any more about announcements goes by itself."""

from __future__ import annotations

from datetime import timedelta

from lti_tool.announcements.operations import forget_dismissals
from lti_tool.core import jobs
from lti_tool.core.db import utcnow

KEPT_AFTER = timedelta(days=7)
"""So long after its end an announcement can be prolonged without everybody seeing it again."""


@jobs.every(timedelta(days=1))
def forget_readers() -> None:
    """Forget who has put away announcements that are over."""
    forget_dismissals(utcnow() - KEPT_AFTER)
