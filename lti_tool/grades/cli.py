"""Commands about grades on their way."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime

import click
from flask.cli import AppGroup

from lti_tool.contexts.models import Context
from lti_tool.core.cli import as_json as json_option
from lti_tool.core.cli import print_rows
from lti_tool.core.db import db, get_or_none, unit_of_work, utcnow
from lti_tool.grades.models import PARKED, REFUSED, WAITING
from lti_tool.grades.operations import retry_scores
from lti_tool.grades.queries import counts_by_state, score_rows
from lti_tool.grades.reconciliation.jobs import compare_line_item
from lti_tool.grades.reconciliation.models import Comparison
from lti_tool.grades.reconciliation.operations import request_comparisons
from lti_tool.grades.reconciliation.queries import Outcome, comparable, outcome

PATIENCE = 180.0
"""Seconds `reconcile` waits for one line item that a worker has in hand."""

grades = AppGroup("grades", help="Grades on their way to the schools' gradebooks.")


@grades.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """How many grades are in which state for each registration, then every grade by column and person."""
    counts = [
        {"registration": registration, "state": state, "count": count}
        for registration, state, count in counts_by_state()
    ]
    scores = [{**asdict(row), "due": row.due.isoformat()} for row in score_rows()]
    if as_json:
        click.echo(json.dumps({"counts": counts, "scores": scores}, ensure_ascii=False))
        return
    for count in counts:
        click.echo(f"registration {count['registration']}\t{count['state']}\t{count['count']}")
    for score in scores:
        shown = ("id", "line_item", "label", "sub", "state", "attempts", "due", "answer")
        click.echo("\t".join("" if score[name] is None else str(score[name]) for name in shown))


@grades.command("retry")
@click.option("--failed", is_flag=True, help="Only grades that were refused or are on hold, not those that wait.")
def retry(failed: bool) -> None:
    """Send grades once more, now; prints how many."""
    states = (REFUSED, PARKED) if failed else (REFUSED, PARKED, WAITING)
    with unit_of_work():
        count = retry_scores(actor=None, score_ids=[row.id for row in score_rows() if row.state in states])
    click.echo(count)


@grades.command("reconcile")
@click.option("--context", "context_id", type=int, help="Only this context.")
@json_option
def reconcile(context_id: int | None, as_json: bool) -> None:
    """Compare gradebooks with delivered grades now and wait to the end: a line per column; exit 1 when any failed."""
    if context_id is not None and get_or_none(Context, context_id) is None:
        raise click.ClickException(f"There is no context {context_id}: see `contexts list`.")
    chosen = list(comparable(context_id))
    db.session.rollback()
    rows = [_reconcile(line_item_id) for line_item_id in chosen]
    print_rows([asdict(row) for row in rows], as_json)
    if any(row.error for row in rows):
        raise click.exceptions.Exit(1)


def _reconcile(line_item_id: int) -> Outcome:
    asked_at = utcnow()
    with unit_of_work():
        [comparison_id] = request_comparisons(actor=None, line_item_ids=[line_item_id])
    ends = time.monotonic() + PATIENCE
    while True:
        compare_line_item(comparison_id)
        with unit_of_work():
            found = outcome(comparison_id)
            over = found.error is not None or _is_over(comparison_id, asked_at)
        if over or time.monotonic() > ends:
            return found
        time.sleep(0.5)  # a worker has it, or enough of this school is under way


def _is_over(comparison_id: int, asked_at: datetime) -> bool:
    checked_at = db.session.get_one(Comparison, comparison_id).checked_at
    return checked_at is not None and checked_at >= asked_at
