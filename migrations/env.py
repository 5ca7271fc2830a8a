"""How Alembic reaches the tool's database and models; run by `flask --app wsgi db …`."""

from __future__ import annotations

from alembic import context
from flask import current_app

from lti_tool.core.db import UTCDateTime, db


def render_item(kind, item, _autogen_context):  # type: ignore[no-untyped-def]  # Alembic's hook
    """Write our moments as the plain type the database has, so that old migrations never need our code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    options = {"target_metadata": db.metadata, "render_as_batch": True, "render_item": render_item}
    with db.engine.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


assert current_app
run()
