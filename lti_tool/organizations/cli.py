"""Commands about organizations."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from lti_tool.core.cli import as_json, clear_errors, print_rows
from lti_tool.core.db import unit_of_work
from lti_tool.organizations.models import TYPES
from lti_tool.organizations.operations import OrganizationFacts, add_organization
from lti_tool.organizations.queries import all_organizations

organizations = AppGroup("organizations", help="Schools and everyone else in the network.")


@organizations.command("add")
@click.argument("name")
@click.option("--type", "type_", required=True, type=click.Choice(TYPES), help="What kind of organization it is.")
@click.option("--department", required=True, help="The authority it belongs to.")
@click.option("--city", default="", help="Where it is.")
@click.option("--contacts", default="", help="Whom partners may write to.")
@click.option("--locale", default="ru", show_default=True, type=click.Choice(["ru", "en"]), help="Its language.")
@click.option("--time-zone", default="Europe/Moscow", show_default=True, help="Its time zone.")
@clear_errors
def add(*, name: str, type_: str, **told: str) -> None:
    """Add the organization NAME; prints its id. The same one again prints the id it has."""
    facts = OrganizationFacts(name=name, type=type_, **told)
    with unit_of_work():
        ident = add_organization(actor=None, facts=facts).id
    click.echo(ident)


@organizations.command("list")
@as_json
@clear_errors
def list_organizations(as_json: bool) -> None:
    """Every organization: id, name, type, department, city."""
    columns = ("id", "name", "type", "department", "city")
    print_rows([{name: getattr(each, name) for name in columns} for each in all_organizations()], as_json)
