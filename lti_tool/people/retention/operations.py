"""Verbs of retention: choose the periods, and let go what is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, run, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.people.belongings.registry import Subject, erase_rows
from lti_tool.people.models import Identity
from lti_tool.people.retention.models import ChosenPeriod
from lti_tool.people.retention.queries import days_in_force, due
from lti_tool.people.retention.registry import Rule, periods

BATCH = 500
"""Rows removed in one transaction."""
ERASED_LATELY = timedelta(days=2)
"""So long after an erasure it is looked whether something came in at the very moment."""


def choose_periods(*, actor: audit.Acting, days: Mapping[str, int]) -> None:
    """Change how long things are kept. Raises Invalid for a number that no law or no work could live with."""
    faults = {
        each.name: _("Choose %(least)d to %(most)d days.", least=each.least, most=each.most)
        for each in periods()
        if each.name in days and not each.least <= days[each.name] <= each.most
    }
    if faults:
        raise Invalid(faults)
    before, now = days_in_force(), utcnow()
    changed = {name: number for name, number in days.items() if name in before and before[name] != number}
    for name, number in changed.items():
        insert_if_absent(ChosenPeriod, {"name": name, "days": number, "changed_at": now})
        chosen = update(ChosenPeriod).where(ChosenPeriod.name == name).values(days=number, changed_at=now)
        execute(chosen.execution_options(synchronize_session=False))
    if changed:
        audit.record(actor, "retention.choose", "retention", None, **changed)


def apply_rule(rule: Rule, *, actor: audit.Acting | None = None) -> int:
    """Let go one batch of what is over by a rule; how many rows. The caller repeats it until it is less than BATCH."""
    idents = due(rule, days_in_force()[rule.period.name], limit=BATCH)
    if idents:
        rule.drop(idents)
        audit.record(actor, "retention.apply", "retention", None, period=rule.period.name, count=len(idents))
        db.session.expire_all()
    return len(idents)


def mop_up() -> None:
    """What a launch or a list of participants wrote about somebody at the moment of the erasure goes as well."""
    lately = run(select(Identity.id).where(Identity.erased_at > utcnow() - ERASED_LATELY)).scalars().all()
    for start in range(0, len(lately), BATCH):
        erase_rows(Subject(0, lately[start : start + BATCH], ()))
