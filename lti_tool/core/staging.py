"""Many rows at once: a temporary table of this connection is filled in one step, and statements compare it with ours.

Ten thousand rows reach PostgreSQL by one COPY and SQLite by one executemany; what follows happens inside the database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from lti_tool.core.db import db, run

_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_ESCAPED = re.compile(r"[\\\t\n\r]")


def staging_table(name: str, *columns: Column[Any]) -> Table:
    """A table that lives within one connection, and its rows within one transaction; it is in no migration.

    What is joined needs `index=True`: PostgreSQL knows nothing of so young a table, and would go through it row by row.
    SQLite goes through the staging table and finds ours by their own keys; an index would only cost it time.
    """
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DELETE ROWS")


def stage(table: Table, names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    """Fill the named columns, in the table's order, with rows of texts; what the table held before is gone."""
    connection = db.session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    run(CreateTable(table, if_not_exists=True))
    for index in () if is_sqlite else table.indexes:
        run(CreateIndex(index, if_not_exists=True))
    run(table.delete())
    if not rows:
        return
    if is_sqlite:
        insert = table.insert().compile(dialect=connection.dialect, column_keys=list(names))
        connection.exec_driver_sql(str(insert), list(rows))
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        copy.write(_copy_text(rows).encode())


def _copy_text(rows: Sequence[tuple[str, ...]]) -> str:
    """The rows in COPY's text format; values are looked at one by one only when any of them needs an escape."""
    body = "\n".join(map("\t".join, rows))
    plain = body.count("\t") == len(rows) * (len(rows[0]) - 1) and body.count("\n") == len(rows) - 1
    if plain and "\\" not in body and "\r" not in body:
        return body
    return "\n".join("\t".join(_ESCAPED.sub(lambda sign: _ESCAPES[sign[0]], value) for value in row) for row in rows)
