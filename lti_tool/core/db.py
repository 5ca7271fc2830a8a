"""The database: typed base, naming convention, UTC, and the unit of work – the only place that commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from flask import Flask, Response, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Engine,
    Insert,
    MetaData,
    Select,
    Table,
    TypeDecorator,
    Update,
    event,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.sql import Executable

from lti_tool.core.settings import PROJECT_DIR

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_snapshot: ContextVar[bool] = ContextVar("snapshot", default=False)
T = TypeVar("T")


def utcnow() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment; stored in UTC on both databases, refused when naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every model subclasses."""

    metadata = MetaData(naming_convention=NAMING)
    registry = registry(
        metadata=metadata,
        type_annotation_map={datetime: UTCDateTime, dict[str, Any]: JSON, list[str]: JSON, list[int]: JSON},
    )


class Dated:
    """Mixin: when the row was made."""

    created_at: Mapped[datetime] = mapped_column(default=utcnow)


db = SQLAlchemy(model_class=Base, engine_options={"pool_pre_ping": False, "hide_parameters": True})
"""Errors name no parameters: they end in logs, and may be names."""


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit at the end, roll back on any error; what `on_commit` collected runs after the commit."""
    token = _writing.set(True)
    try:
        yield
        commit()
    except BaseException:
        _rollback()
        raise
    finally:
        _writing.reset(token)


def on_commit(callback: Callable[[], object]) -> None:
    """Run `callback` once this unit of work has been committed (never when it is rolled back)."""
    db.session.info.setdefault("on_commit", []).append(callback)


def execute(statement: Insert | Update | Delete | Executable) -> CursorResult[Any]:
    """Run a bulk statement in the current unit of work; the result has `rowcount`."""
    return cast("CursorResult[Any]", db.session.execute(statement))


def run(
    statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> CursorResult[Any]:
    """Run a statement that was made once, with its bound `values`, past the ORM: a third of the cost.

    For the paths every launch and every score takes, and for many rows (`values` may be a list). It gives rows of plain
    columns, and does not refresh loaded objects.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        session.flush()
    connection = session.info.get("connection")
    if connection is None or connection.closed:  # closed: its transaction is over
        connection = session.info["connection"] = session.connection()
    return cast("Connection", connection).execute(statement, values)


def table_of(model: type[Base]) -> Table:
    """The model's table, for statements past the ORM."""
    return cast("Table", model.__table__)


def insert_many(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of the same columns; their ids in the same order."""
    if not rows:
        return []
    table = table_of(model)
    return list(run(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows).scalars())


def insert_if_absent(model: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique constraint says it is there; True when this call inserted it."""
    return run(_insert_if_absent(model, db.engine.dialect, tuple(values)), values).rowcount == 1


def insert_all_absent(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of the same columns but for those a unique constraint says are there; one statement."""
    if rows:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table_of(model))
        run(insert.on_conflict_do_nothing(), rows)


def insert_absent(model: type[Base], columns: Sequence[str], rows: Select[Any]) -> int:
    """Insert selected rows but for those a unique constraint says are there; returns how many were inserted."""
    of_dialect = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table_of(model))
    statement = of_dialect.from_select(columns, rows, include_defaults=False).on_conflict_do_nothing()
    return run(statement.execution_options(preserve_rowcount=True)).rowcount


@lru_cache(maxsize=256)
def _insert_if_absent(model: type[Base], dialect: Dialect, columns: tuple[str, ...]) -> Executable:
    """Compiled here, once: SQLAlchemy compiles inserts of this kind anew each time."""
    of_dialect = (sqlite if dialect.name == "sqlite" else postgresql).insert(table_of(model))
    # PostgreSQL returns the new key, and then counts rows only when told to
    statement = of_dialect.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return cast("Executable", statement.compile(dialect=dialect, column_keys=list(columns)))


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection of its own that reads the database as it is at its first statement; no writer waits for it."""
    token = _snapshot.set(True)
    try:
        options = {"isolation_level": "REPEATABLE READ"} if db.engine.dialect.name == "postgresql" else {}
        with db.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
    finally:
        _snapshot.reset(token)


def end_reading() -> None:
    """End a transaction that only read, so that none is open during a call to the outside. Loaded rows stay usable
    as values only if they were copied."""
    db.session.rollback()


LAST_KEY = 2**31 - 1
"""The largest number that a column of whole numbers holds on PostgreSQL."""


def is_key(ident: int) -> bool:
    """Could a database hold this as a primary key?"""
    return 0 < ident <= LAST_KEY


def as_key(text: str) -> int:
    """A primary key as a form or an address names it. Raises ValueError, also for one no database could hold."""
    ident = int(text)
    if not is_key(ident):
        raise ValueError(text)
    return ident


def key_or_none(text: str | None) -> int | None:
    """The same, or None."""
    try:
        return as_key(text or "")
    except ValueError:
        return None


def get_or_none(model: type[T], ident: object) -> T | None:
    """The row with this primary key; None also for a key no database could hold."""
    if isinstance(ident, int) and not is_key(ident):
        return None
    return db.session.get(model, ident)


def commit() -> None:
    """End the current unit of work well; requests, jobs and commands get here by themselves."""
    db.session.commit()
    for callback in db.session.info.pop("on_commit", []):
        callback()


def _rollback() -> None:
    db.session.info.pop("on_commit", None)
    db.session.info.pop("nudges", None)
    db.session.rollback()


def init_app(app: Flask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(PROJECT_DIR / "migrations"))
    app.before_request(_begin_request)
    app.after_request(_end_request)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _tune_sqlite(db.engine)


def _begin_request() -> None:
    _writing.set(request.method not in ("GET", "HEAD", "OPTIONS"))


def _end_request(response: Response) -> Response:
    if response.status_code < 400:
        commit()
    else:
        _rollback()
    return response


def _tune_sqlite(engine: Engine) -> None:
    """Write-ahead log, foreign keys, patient locks; a writer takes its lock first, so no upgrade can fail midway."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # SQLite's own knows only Latin letters
        connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads = _snapshot.get() or (has_request_context() and not _writing.get())
        begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
        try:
            connection.connection.driver_connection.execute(begin)
        except sqlite3.OperationalError as error:  # another writer has not let go in all the time we waited
            raise OperationalError(begin, None, error) from error
