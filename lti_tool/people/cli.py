"""Commands about operators of the hub, and about what is kept of people."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, cast

import click
from flask.cli import AppGroup
from sqlalchemy import select

from lti_tool.core.cli import as_json, clear_errors, print_rows
from lti_tool.core.db import db, unit_of_work
from lti_tool.core.errors import NotFound
from lti_tool.core.settings import LOCALES, current_settings
from lti_tool.people.belongings import archive
from lti_tool.people.belongings.operations import erase_person
from lti_tool.people.belongings.queries import shares, subject_of, warnings
from lti_tool.people.belongings.registry import Subject
from lti_tool.people.belongings.wording import FATES
from lti_tool.people.models import Identity, Person
from lti_tool.people.operators import invite_operator
from lti_tool.people.retention.jobs import apply_batches
from lti_tool.people.retention.queries import overdue, overdue_rows
from lti_tool.people.retention.registry import rules

operator = AppGroup("operator", help="People who run the hub.")
people = AppGroup("people", help="What is kept of people: copies, erasure, periods.")


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


@people.command("find")
@click.argument("registration_id", type=int)
@click.argument("sub")
@as_json
def find(registration_id: int, sub: str, as_json: bool) -> None:
    """Print the id of the person an LMS calls SUB. REGISTRATION_ID: as in `platforms list`."""
    statement = select(Identity.person_id).where(Identity.registration_id == registration_id, Identity.sub == sub)
    found = db.session.scalar(statement)
    if found is None:
        raise click.ClickException("The LMS knows nobody by this number here.")
    print_rows([{"id": found}], as_json=True) if as_json else click.echo(found)


@people.command("export")
@click.argument("person_id", type=int)
@click.option("--file", "path", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the ZIP.")
@click.option("--language", type=click.Choice(LOCALES), help="Of the page inside; the person's own when left out.")
@clear_errors
def export(person_id: int, path: Path | None, language: str | None) -> None:
    """Write everything about a person into a ZIP: a page to read, the same as JSON, and files."""
    subject = _subject(person_id)
    person = db.session.get_one(Person, person_id)
    locale = language or person.locale or current_settings().default_locale
    target = path or Path(f"person-{person_id}.zip")
    target.touch(mode=0o600)  # for nobody else, from the first byte
    with target.open("wb") as file:
        out = cast("BinaryIO", file)
        archive.write(archive.read(subject), subject, out, locale=locale, time_zone=person.time_zone or "UTC")
    click.echo(target)


@people.command("erase")
@click.argument("person_id", type=int)
@click.option("--refuse", is_flag=True, help="Keep the person out: neither launches nor lists bring them back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@clear_errors
def erase(person_id: int, refuse: bool, yes: bool) -> None:
    """Erase a person for good. Says what goes and what stays, and asks."""
    subject = _subject(person_id)
    for each in shares(subject):
        why = f" ({each.belonging.why})" if each.belonging.why else ""
        click.echo(f"{each.count}\t{each.belonging.noun}: {FATES[each.belonging.fate]}{why}")
    for told in warnings(subject):
        click.echo(f"!\t{told}")
    db.session.rollback()
    if not yes:
        click.confirm("Erase for good?", abort=True)
    with unit_of_work():
        erase_person(actor=None, subject=_subject(person_id), refuse=refuse)
    click.echo("Erased.")


@people.command("retention")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--rows", is_flag=True, help="With --dry-run: name every row, by its table and number.")
@as_json
@clear_errors
def retention(dry_run: bool, rows: bool, as_json: bool) -> None:
    """Remove what has been kept long enough, as the daily job does."""
    if rows:
        if not dry_run:
            raise click.UsageError("--rows needs --dry-run: what has gone cannot be named.")
        named = [{"kind": rule.period.name, "table": rule.table, "row": ident} for rule, ident in overdue_rows()]
        print_rows(named, as_json=as_json)
        return
    found = [{"kind": each.period.name, "days": each.days, "rows": each.count} for each in overdue()]
    db.session.rollback()
    print_rows(found, as_json=as_json)
    if not dry_run:
        total = sum(apply_batches(number) for number in range(len(rules())))
        click.echo(f"{total} rows removed.", err=True)


def _subject(person_id: int) -> Subject:
    subject = subject_of(person_id)
    if subject is None:
        raise NotFound("There is no such person, or they have been erased.", "“people find” gives the id.")
    return subject
