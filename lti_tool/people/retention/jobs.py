"""Applying the periods: once a day, each rule by a worker, batch after batch."""

from __future__ import annotations

from datetime import timedelta

import structlog

from lti_tool.core import jobs
from lti_tool.core.db import unit_of_work
from lti_tool.people.retention.operations import BATCH, apply_rule, mop_up
from lti_tool.people.retention.registry import rules

MOST_BATCHES = 200
"""Of one rule in one day: 100,000 rows; the rest follows the next day."""
log = structlog.get_logger(__name__)


@jobs.every(timedelta(days=1))
def apply_periods() -> None:
    """Have every rule applied, and mop up after erasures."""
    mop_up()
    jobs.nudge(apply_one, range(len(rules())))


@jobs.task("people.apply_period")
def apply_one(number: int) -> None:
    """Let go what is over by one rule."""
    apply_batches(number)


def apply_batches(number: int) -> int:
    """Batch after batch, each in its own transaction; returns how many rows went."""
    rule, total = rules()[number], 0
    for _batch in range(MOST_BATCHES):
        with unit_of_work():
            count = apply_rule(rule)
        total += count
        if count < BATCH:
            break
    if total:
        log.info("retention applied", period=rule.period.name, rows=total)
    return total
