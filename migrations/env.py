"""How Alembic reaches the tool's database and models; run by `flask --app wsgi db …`."""

from __future__ import annotations

from contextlib import contextmanager

from alembic import context
from flask import current_app

from lti_tool.core.db import UTCDateTime, db


def render_item(kind, item, _autogen_context):  # type: ignore[no-untyped-def]  # Alembic's hook
    """Write our moments as the plain type the database has, so that old migrations never need our code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def tables_may_be_made_anew(connection):  # type: ignore[no-untyped-def]  # a Connection
    """SQLite changes a table by making it anew, which it refuses while rows of others point at it: they are checked
    afterwards instead. See SQLite's documentation of ALTER TABLE."""
    if connection.dialect.name != "sqlite":
        yield
        return
    own = connection.connection.driver_connection
    own.execute("PRAGMA foreign_keys=OFF")  # before the transaction: inside it would do nothing
    try:
        yield
    finally:
        own.execute("PRAGMA foreign_keys=ON")


def check_pointers(connection):  # type: ignore[no-untyped-def]  # a Connection
    """No row may point at nothing. Raises RuntimeError, and with it nothing of the migration stays."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if lost:
            raise RuntimeError(f"rows would point at nothing: {sorted({(row[0], row[2]) for row in lost})}")


def run() -> None:
    options = {"target_metadata": db.metadata, "render_as_batch": True, "render_item": render_item}
    with db.engine.connect() as connection, tables_may_be_made_anew(connection):
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
            check_pointers(connection)
        connection.commit()


assert current_app
run()
