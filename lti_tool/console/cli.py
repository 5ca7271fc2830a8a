"""Commands of the group `organizations` that reach through all features."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from lti_tool.console.operations import archive_organization, merge_organizations, restore_organization
from lti_tool.core.cli import clear_errors
from lti_tool.core.db import get_or_none, unit_of_work
from lti_tool.organizations.models import Organization


def _organization(ident: int) -> Organization:
    found = get_or_none(Organization, ident)
    if found is None:
        raise click.ClickException(f"There is no organization {ident}: see `organizations list`.")
    return found


@click.command("archive")
@click.argument("organization_id", type=int, metavar="ID")
@with_appcontext
@clear_errors
def archive(organization_id: int) -> None:
    """Let nobody of this organization in: its LMSs are suspended, its invitations taken back. Nothing is removed."""
    with unit_of_work():
        archive_organization(actor=None, organization=_organization(organization_id))
    click.echo(f"Organization {organization_id} is archived.")


@click.command("restore")
@click.argument("organization_id", type=int, metavar="ID")
@with_appcontext
@clear_errors
def restore(organization_id: int) -> None:
    """Undo the archiving. Its LMSs stay suspended until each is approved: see `platforms approve`."""
    with unit_of_work():
        restore_organization(actor=None, organization=_organization(organization_id))
    click.echo(f"Organization {organization_id} is restored; approve its registrations.")


@click.command("merge")
@click.argument("source_id", type=int, metavar="FROM")
@click.argument("target_id", type=int, metavar="INTO")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
@clear_errors
def merge(source_id: int, target_id: int, yes: bool) -> None:
    """Make two entries of one organization one: all of FROM becomes INTO's. This cannot be undone."""
    source, target = _organization(source_id), _organization(target_id)
    if not yes:
        click.confirm(f"Move everything of “{source.name}” to “{target.name}”?", abort=True, err=True)
    with unit_of_work():
        merge_organizations(actor=None, source=source, target=target)
    click.echo(f"Organization {source_id} is merged into {target_id}.")
