"""The calendar of seats: who left long ago frees a place, dates begin and end."""

from __future__ import annotations

from datetime import timedelta

from lti_tool.core import jobs
from lti_tool.courses.seats.operations.settling import limited_courses, settle


@jobs.every(timedelta(minutes=10))
def settle_places() -> None:
    """Bring the places of every course with seat rules in line with rosters and dates."""
    for course_id in limited_courses():
        settle(course_id)
