"""Commands about operators of the hub."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from lti_tool.core.cli import as_json, clear_errors, print_rows
from lti_tool.core.db import unit_of_work
from lti_tool.core.settings import current_settings
from lti_tool.people.operators import invite_operator

operator = AppGroup("operator", help="People who run the hub.")


@operator.command("invite")
@click.argument("name")
@as_json
@clear_errors
def invite(name: str, as_json: bool) -> None:
    """Print a sign-in link for the operator NAME; it works once, within a day."""
    with unit_of_work():
        link, code = invite_operator(actor=None, name=name)
        row = {"id": link.person_id, "expires_at": link.expires_at}
    address = f"{current_settings().base_url}/operator/sign-in?code={code}"
    if as_json:
        print_rows([{**row, "link": address}], as_json=True)
    else:
        click.echo(address)
