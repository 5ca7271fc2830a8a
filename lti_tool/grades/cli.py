"""Commands about grades on their way."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask.cli import AppGroup

from lti_tool.core.db import unit_of_work
from lti_tool.grades.models import PARKED, REFUSED, WAITING
from lti_tool.grades.operations import retry_scores
from lti_tool.grades.queries import counts_by_state, score_rows

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
