"""What commands share (clear errors, rows as text or JSON) and the commands about background work."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale
from flask_migrate import upgrade

from lti_tool.core import seals
from lti_tool.core.backup import Manifest, restore_backup, write_backup
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.core.errors import DomainError, Invalid
from lti_tool.core.jobs import newest_heartbeat, run_worker, workers_alive
from lti_tool.core.mail import send_mail
from lti_tool.core.queues import duties, outbox_status, workers
from lti_tool.core.schema import current_revision
from lti_tool.core.settings import current_settings
from lti_tool.core.storage import current_storage

LOCALE = "en"
"""Commands speak English, whatever the installation's language is: their output is read by scripts as well."""
P = ParamSpec("P")
R = TypeVar("R")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
jobs = AppGroup("jobs", help="Background work.")
audit = AppGroup("audit", help="The audit trail and its seals.")
mail = AppGroup("mail", help="E-mail.")


@contextmanager
def told_clearly() -> Iterator[None]:
    """Whatever a person can be told about becomes one sentence and exit code 1."""
    with force_locale(LOCALE):
        try:
            yield
        except Invalid as error:
            faults = "; ".join(f"{name}: {text}" for name, text in error.errors.items())
            raise click.ClickException(faults or str(error.message)) from None
        except DomainError as error:
            raise click.ClickException(" ".join(str(part) for part in (error.message, *error.todo))) from None


def clear_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a command: see `told_clearly`."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with told_clearly():
            return command(*args, **kwargs)

    return run


def print_rows(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Rows as one JSON list, or as lines of columns between tabs with the names of the columns on top."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=_plain))
        return
    for index, row in enumerate(rows):
        if index == 0:
            click.echo("\t".join(row))
        click.echo("\t".join(_cell(value) for value in row.values()))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "-"
    return " ".join(_plain(value).split()) or "-"


@jobs.command("run")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 100), help="Jobs done at once.")
def run_jobs(threads: int) -> None:
    """Work until stopped (Ctrl-C or SIGTERM): read rosters, deliver grades, check registrations."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the app itself
    signal.signal(signal.SIGTERM, _end)  # the jobs in hand are finished first
    click.echo("Working. Ctrl-C stops.", err=True)
    run_worker(app, threads=threads)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@jobs.command("status")
@as_json
def status(as_json: bool) -> None:
    """What waits, what is under way, what failed, which workers live, and how the periodic duties went."""
    beat = newest_heartbeat()
    facts: dict[str, Any] = {
        "worker": workers_alive(),
        "last_heartbeat": beat,
        "now": utcnow(),
        "outbox": outbox_status(),
    }
    facts["workers"] = [{"worker": name, "at": at, "alive": alive} for name, at, alive in workers()]
    facts["duties"] = [
        {"duty": each.name, "every": each.every.total_seconds(), "ran_at": each.ran_at, "error": each.error}
        for each in duties()
    ]
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=_plain))
        return
    click.echo(f"worker\t{'alive' if facts['worker'] else 'none'}\tlast heartbeat {_cell(beat)}")
    for name in ("outbox", "workers", "duties"):
        print_rows(facts[name], as_json=False)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@with_appcontext
@clear_errors
def backup(file: Path, as_json: bool) -> None:
    """Write database, stored files and signing keys into one archive, FILE, which must not exist. The tool may run on."""
    _tell_manifest(write_backup(file, settings=current_settings(), storage=current_storage()), as_json)
    click.echo(
        f"{file} holds personal data and the keys the tool signs with, not encrypted: only you can read it here. "
        "Encrypt it before it leaves this machine, for example with age or gpg. "
        "LTI_TOOL_SECRET_KEY and the other settings are not in it.",
        err=True,
    )


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace everything that is there now.")
@as_json
@with_appcontext
@clear_errors
def restore(file: Path, force: bool, as_json: bool) -> None:
    """Bring a backup back, all of it or nothing. Stop the tool and its workers first.

    The database may be another one than the backup came from: SQLite or PostgreSQL.
    """
    fresh = not current_revision()
    db.session.rollback()
    if fresh:
        upgrade()
    manifest = restore_backup(file, settings=current_settings(), storage=current_storage(), force=force)
    _tell_manifest(manifest, as_json)


def _tell_manifest(manifest: Manifest, as_json: bool) -> None:
    print_rows(
        [
            {
                "made_at": manifest.made_at,
                "migration": manifest.revision,
                "rows": manifest.rows,
                "files": manifest.files,
            }
        ],
        as_json,
    )


@audit.command("verify")
@click.option("--head", "noted", help="A digest noted earlier: it must be part of the chain.")
@as_json
def verify(noted: str | None, as_json: bool) -> None:
    """Check every sealed line; exit code 1 and what is wrong when something does not agree."""
    with unit_of_work():
        seals.seal()
    faults = [{"seal": fault.seal_id, "fault": fault.code} for fault in seals.verify(noted)]
    if as_json:
        print_rows(faults, as_json=True)
    elif faults:
        print_rows(faults, as_json=False)
    else:
        click.echo(f"The trail agrees. Head: {seals.head() or '-'}")
    if faults:
        raise SystemExit(1)


@audit.command("head")
def show_head() -> None:
    """Print the newest digest. Keep it outside: `audit verify --head` then proves the trail up to it."""
    with unit_of_work():
        seals.seal()
    click.echo(seals.head() or "-")


@mail.command("test")
@click.argument("address")
@clear_errors
def mail_test(address: str) -> None:
    """Send a mail to ADDRESS, to see whether LTI_TOOL_SMTP_URL and LTI_TOOL_MAIL_FROM are right."""
    send_mail(to=address, subject="Schools Together", text="Mail from Schools Together arrives here.\n")
    click.echo("The mail server took it. Look whether it arrives.")
