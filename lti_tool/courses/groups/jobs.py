"""Newcomers find their groups also where no roster told of them."""

from __future__ import annotations

from datetime import timedelta

from lti_tool.core import jobs
from lti_tool.courses.groups.operations import place_newcomers


@jobs.every(timedelta(minutes=10))
def place_all_newcomers() -> None:
    """Put pupils who are in no group into the smallest, where the set of groups says so."""
    place_newcomers()
