"""The end of time: attempts whose deadline is over are closed with what was saved, whether the pupil comes back or not."""

from __future__ import annotations

from datetime import timedelta

from lti_tool.core import jobs
from lti_tool.core.db import unit_of_work
from lti_tool.courses.quizzes.operations.attempting import close_if_over
from lti_tool.courses.quizzes.queries import overdue

CLOSE_EVERY = timedelta(seconds=10)
CLOSED_AT_ONCE = 500


@jobs.task("quizzes.close")
def close(attempt_id: int) -> None:
    """Close one attempt, in a unit of work of its own: a fault in one hinders no other."""
    with unit_of_work():
        close_if_over(attempt_id)


@jobs.every(CLOSE_EVERY)
def close_overdue() -> None:
    """Have every attempt closed whose time and grace are over; what is lost on the way comes up again."""
    jobs.nudge(close, overdue(CLOSED_AT_ONCE))
