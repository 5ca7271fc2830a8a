"""Commands about registrations of LMSs and about our own keys."""

from __future__ import annotations

import time
from dataclasses import asdict

import click
from flask.cli import AppGroup

from lti_tool.core.cli import as_json, clear_errors, print_rows
from lti_tool.core.db import db, end_reading, get_or_none, unit_of_work
from lti_tool.core.settings import current_settings
from lti_tool.organizations.models import Organization
from lti_tool.platforms.access import key_ring
from lti_tool.platforms.jobs import examine_registration
from lti_tool.platforms.models import DoctorReport, Registration
from lti_tool.platforms.operations.invitations import DAYS, MAX_DAYS, create_invitation
from lti_tool.platforms.operations.registrations import (
    PlatformFacts,
    add_registration,
    approve_registration,
    request_check,
    suspend_registration,
)
from lti_tool.platforms.queries import registration_rows
from lti_tool.platforms.tool import ToolAddresses
from lti_tool.platforms.wording import explain

DOCTOR_SECONDS = 300
"""How long the command waits for a check that another worker has begun."""

platforms = AppGroup("platforms", help="Registrations of LMSs.")
keys = AppGroup("keys", help="The tool's own signing keys.")


def _organization(ident: int) -> Organization:
    found = get_or_none(Organization, ident)
    if found is None:
        raise click.ClickException(f"There is no organization {ident}: see `organizations list`.")
    return found


def _registration(ident: int) -> Registration:
    found = get_or_none(Registration, ident)
    if found is None:
        raise click.ClickException(f"There is no registration {ident}: see `platforms list`.")
    return found


@platforms.command("invite")
@click.argument("organization_id", type=int)
@click.option("--auto-approve", is_flag=True, help="Let people in at once, without a human's approval.")
@click.option(
    "--expires", "days", default=DAYS, show_default=True, type=click.IntRange(1, MAX_DAYS), help="Days it holds."
)
@clear_errors
def invite(organization_id: int, auto_approve: bool, days: int) -> None:
    """Print an address with which an LMS administrator of the organization registers one LMS."""
    with unit_of_work():
        _invitation, code = create_invitation(
            actor=None, organization=_organization(organization_id), auto_approve=auto_approve, days=days
        )
    click.echo(ToolAddresses(current_settings().base_url).invitation(code))


@platforms.command("add")
@click.argument("organization_id", type=int)
@click.option("--issuer", required=True, help="Platform ID.")
@click.option("--client-id", required=True, help="Client ID.")
@click.option("--auth-url", required=True, help="Authentication request URL.")
@click.option("--token-url", required=True, help="Access token URL.")
@click.option("--jwks-url", required=True, help="Public keyset URL.")
@click.option("--deployment-id", "deployment_ids", required=True, multiple=True, help="May be given several times.")
@click.option("--name", default="", help="What people call this LMS.")
@click.option("--token-audience", help="Audience of service tokens, where it is not the access token URL.")
@clear_errors
def add(*, organization_id: int, deployment_ids: tuple[str, ...], name: str, **told: str) -> None:
    """Register an LMS by hand, active at once; prints its id. The same one again updates its addresses."""
    facts = PlatformFacts(deployment_ids=deployment_ids, name=name, **told)
    with unit_of_work():
        ident = add_registration(actor=None, organization=_organization(organization_id), facts=facts).id
    click.echo(ident)


@platforms.command("list")
@as_json
@clear_errors
def list_platforms(as_json: bool) -> None:
    """Every registration with its state, deployments and last launch."""
    print_rows([asdict(row) for row in registration_rows()], as_json)


@platforms.command("approve")
@click.argument("registration_id", type=int, metavar="ID")
@click.option("--deployment-id", "deployment_ids", multiple=True, help="Accept this pending deployment as well.")
@clear_errors
def approve(registration_id: int, deployment_ids: tuple[str, ...]) -> None:
    """Let people of this LMS in; lifts a suspension too."""
    with unit_of_work():
        approve_registration(actor=None, registration=_registration(registration_id), deployment_ids=deployment_ids)
    click.echo(f"Registration {registration_id} is active.")


@platforms.command("suspend")
@click.argument("registration_id", type=int, metavar="ID")
@clear_errors
def suspend(registration_id: int) -> None:
    """Let nobody of this LMS in until it is approved again."""
    with unit_of_work():
        suspend_registration(actor=None, registration=_registration(registration_id))
    click.echo(f"Registration {registration_id} is suspended.")


@platforms.command("doctor")
@click.argument("registration_id", type=int, metavar="ID")
@as_json
@clear_errors
def doctor(registration_id: int, as_json: bool) -> None:
    """Check every service of an LMS and say what to change; exit code 1 when one does not work."""
    product = _registration(registration_id).product
    with unit_of_work():
        report_id = request_check(actor=None, registration_id=registration_id)
    examine_registration(report_id)
    report = _finished(report_id)
    jwks = ToolAddresses(current_settings().base_url).jwks
    rows = [{**check, **vars(explain(check, product, jwks))} for check in report.checks]
    if as_json:
        print_rows(rows, as_json=True)
    for row in [] if as_json else rows:
        click.echo(f"{row['verdict']:<8} {row['title']}: {row['what']}")
        for line in row["todo"]:
            click.echo(f"         → {line}")
    if report.verdict == "failed":
        raise click.exceptions.Exit(1)


def _finished(report_id: int) -> DoctorReport:
    """The finished report; another worker may have been quicker to take it."""
    ends = time.monotonic() + DOCTOR_SECONDS
    while True:
        report = db.session.get_one(DoctorReport, report_id)
        if report.state == "done":
            return report
        if time.monotonic() > ends:
            raise click.ClickException("The check has not ended yet: try again in a few minutes.")
        end_reading()
        time.sleep(0.5)


@keys.command("list")
@as_json
@clear_errors
def list_keys(as_json: bool) -> None:
    """Every published key: its id, when it was published, when it begins to sign, when it leaves."""
    print_rows([asdict(key) for key in key_ring().describe()], as_json)


@keys.command("rotate")
@clear_errors
def rotate() -> None:
    """Publish a new key, which signs after a day; prints its id."""
    click.echo(key_ring().rotate())
