"""Commands about the resource exchange."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from lti_tool.core.cli import clear_errors
from lti_tool.core.db import db, unit_of_work
from lti_tool.exchange.search.operations import batches, begin_rebuild, refresh
from lti_tool.exchange.seeding import demo_organizations, seed_resources

SEEDED_AT_ONCE = 10_000
exchange = AppGroup("exchange", help="The common resource exchange.")
demo = AppGroup("demo", help="Synthetic data, for trying out and for load.")


@exchange.command("index")
@clear_errors
def index() -> None:
    """Build the search index anew from the resources. People may search and publish meanwhile."""
    with unit_of_work():
        begin_rebuild()
    total = 0
    for idents in batches():
        with unit_of_work():
            refresh(idents)
        db.session.expunge_all()
        total += len(idents)
    click.echo(total)


@demo.command("seed")
@click.option("--organizations", default=3, show_default=True, type=click.IntRange(1, 10_000), help="Organizations.")
@click.option("--resources", default=0, show_default=True, type=click.IntRange(0, 1_000_000), help="Resources.")
@clear_errors
def seed(*, organizations: int, resources: int) -> None:
    """Add plausible data in Russian and English. Refuses a database with real organizations."""
    with unit_of_work():
        owners = demo_organizations(organizations)
    for start in range(0, resources, SEEDED_AT_ONCE):
        with unit_of_work():
            seed_resources(min(SEEDED_AT_ONCE, resources - start), owners, number=start + 1)
    click.echo(f"{len(owners)} organizations, {resources} resources")
