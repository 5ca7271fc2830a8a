"""Commands about contexts and rosters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from lti_tool.contexts.jobs import sync_roster
from lti_tool.contexts.models import Context, RosterSync
from lti_tool.contexts.operations import request_roster
from lti_tool.contexts.queries import context_rows, members_of
from lti_tool.core.cli import as_json, print_rows
from lti_tool.core.db import db, get_or_none, unit_of_work, utcnow

contexts = AppGroup("contexts", help="LMS courses that people came from.")
roster = AppGroup("roster", help="Lists of participants.")


@contexts.command("list")
@as_json
def list_contexts(as_json: bool) -> None:
    """Every context with its members and the age of its roster in seconds."""
    rows = [asdict(row) for row in context_rows(utcnow())]
    print_rows(rows, as_json)


@contexts.command("members")
@click.argument("context_id", type=int, metavar="ID")
@as_json
def list_members(context_id: int, as_json: bool) -> None:
    """Everybody in a context as the LMS gave them."""
    if get_or_none(Context, context_id) is None:
        raise click.ClickException(f"There is no context {context_id}: see `contexts list`.")
    rows = [
        {
            "sub": member.identity.sub,
            "roles": member.roster_roles or ([member.launch_role] if member.launch_role else []),
            "status": member.status,
            "name": member.identity.name,
        }
        for member in members_of(context_id)
    ]
    print_rows(rows, as_json)


@roster.command("sync")
@click.option("--context", "context_id", type=int, help="Only this context.")
@as_json
def sync(context_id: int | None, as_json: bool) -> None:
    """Read rosters now and wait to the end: a line per context; exit 1 when any failed."""
    if context_id is not None and get_or_none(Context, context_id) is None:
        raise click.ClickException(f"There is no context {context_id}: see `contexts list`.")
    chosen = (
        [context_id] if context_id is not None else list(db.session.scalars(select(Context.id).order_by(Context.id)))
    )
    db.session.rollback()
    rows = [_sync(ident) for ident in chosen]
    print_rows(rows, as_json)
    if any(row["error"] for row in rows):
        raise click.exceptions.Exit(1)


def _sync(context_id: int) -> dict[str, Any]:
    with unit_of_work():
        sync_id = request_roster(context_id, force=True)
    if sync_id is not None:
        sync_roster(sync_id)
    row = db.session.scalar(select(RosterSync).where(RosterSync.context_id == context_id))
    error = "not_offered" if row is None else row.error
    return {"context": context_id, "members": row.members if row else 0, "error": error}
