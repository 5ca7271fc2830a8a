"""Clearing away what launches leave behind."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from lti_tool.core import jobs
from lti_tool.core.db import execute, utcnow
from lti_tool.launch.models import ContentSelection, PendingLaunch, UsedState


@jobs.every(timedelta(minutes=5))
def forget_finished_launches() -> None:
    """Remove used states, pending launches and content selections whose time is over."""
    for model in (UsedState, PendingLaunch, ContentSelection):
        execute(delete(model).where(model.expires_at < utcnow()))
