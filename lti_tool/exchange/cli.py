"""Commands about the resource exchange."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from lti_tool.core.cli import clear_errors
from lti_tool.core.db import db, unit_of_work
from lti_tool.exchange.search.operations import batches, begin_rebuild, refresh

exchange = AppGroup("exchange", help="The common resource exchange.")


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
