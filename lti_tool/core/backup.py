"""One archive of a whole installation: database, stored files and signing keys; and bringing it back.

The archive is a gzip-compressed tar. Every table is a text of one JSON list per row, so that an installation can move
from SQLite to PostgreSQL and back. The manifest comes last and holds counts and digests of everything: an archive that
was cut off or damaged has none, or does not agree with it. Memory stays bounded whatever the size.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from sqlalchemy import JSON, Connection, LargeBinary, Table, func, null, select, text
from sqlalchemy.types import TypeDecorator, TypeEngine

from lti_tool.core.db import Base, db, snapshot, utcnow
from lti_tool.core.errors import DomainError
from lti_tool.core.jobs import Heartbeat
from lti_tool.core.schema import current_revision, newest_revision
from lti_tool.core.settings import Settings
from lti_tool.core.storage import CHUNK, Storage

FORMAT = 1
MANIFEST = "manifest.json"
BATCH = 1000
"""Rows read or inserted at once."""
REPLACED = ".replaced"
"""Ending of keys that gave way to restored ones: the tool looks at them no more."""
_NOT_KEPT = {Heartbeat.__tablename__}


class BackupRefused(DomainError):
    """A backup cannot be made or brought back; nothing was changed."""


@dataclass
class Manifest:
    """What an archive holds."""

    revision: str
    made_at: str
    format: int = FORMAT
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name: columns and the number of rows."""
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 of every member but the manifest."""

    @property
    def files(self) -> int:
        return sum(name.startswith("files/") for name in self.digests)

    @property
    def rows(self) -> int:
        return sum(each["rows"] for each in self.tables.values())


def tables() -> list[Table]:
    """Every table that is kept, in an order in which rows find what they point at."""
    return [each for each in Base.metadata.sorted_tables if each.name not in _NOT_KEPT]


def write_backup(path: Path, *, settings: Settings, storage: Storage) -> Manifest:
    """Write everything to a new file that only its owner can read. Raises BackupRefused.

    The database is read in one transaction, as it was at its beginning; files are read after it, and a file that came
    later is kept as well.
    """
    if path.exists():
        raise BackupRefused(f"{path} exists already.", "Choose another name.")
    if current_revision() != newest_revision():
        raise BackupRefused("The database is not at the newest migration.", "Run `db upgrade` first.")
    part = path.with_name(f"{path.name}.part")
    manifest = Manifest(revision=current_revision(), made_at=utcnow().isoformat())
    db.session.rollback()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz") as archive:
                _write_tables(archive, manifest)
                for key in storage.every_key():
                    _write_file(archive, manifest, f"files/{key}", storage.read(key))
                for each in _key_files(settings.keys_dir):
                    _write_file(archive, manifest, f"keys/{each.name}", iter([each.read_bytes()]))
                _add(archive, MANIFEST, io.BytesIO(json.dumps(vars(manifest)).encode()))
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _key_files(directory: Path) -> list[Path]:
    """The keys and their list; no lock, no notes of people."""
    return sorted(each for each in directory.glob("*") if each.suffix in (".pem", ".json"))


def _write_tables(archive: tarfile.TarFile, manifest: Manifest) -> None:
    with snapshot() as connection:
        for table in tables():
            with tempfile.TemporaryFile() as rows:
                count = 0
                for row in _rows(connection, table):
                    rows.write(json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n")
                    count += 1
                manifest.tables[table.name] = {"columns": [each.name for each in table.columns], "rows": count}
                rows.seek(0)
                _write_file(archive, manifest, f"tables/{table.name}", _pieces(rows))


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    keys = list(table.primary_key.columns)
    statement = select(table).order_by(*keys).execution_options(stream_results=True, yield_per=BATCH)
    yield from connection.execute(statement)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _write_file(archive: tarfile.TarFile, manifest: Manifest, name: str, content: Iterator[bytes]) -> None:
    """A member, by way of a temporary file: its size comes first in a tar."""
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as whole:
        for piece in content:
            digest.update(piece)
            whole.write(piece)
        whole.seek(0)
        _add(archive, name, whole)
    manifest.digests[name] = digest.hexdigest()


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = content.seek(0, os.SEEK_END)
    member.mode = 0o600
    content.seek(0)
    archive.addfile(member, content)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(CHUNK):
        yield piece


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Names and contents in the archive's order; a content must be read before the next name is asked for."""
    with tarfile.open(path, mode="r|gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if not member.isfile() or content is None:
                raise BackupRefused(f"{path} holds {member.name!r}, which is no file.")
            yield member.name, content


def check_backup(path: Path) -> Manifest:
    """Read the whole archive and compare every digest and count with the manifest. Raises BackupRefused."""
    try:
        manifest, found, counts = _read_through(path)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise BackupRefused(f"{path} is no backup, or is damaged ({type(error).__name__}).") from error
    if manifest.digests != found:
        raise BackupRefused(f"{path} is damaged: its content does not agree with its manifest.")
    if any(each["rows"] != counts.get(f"tables/{name}", 0) for name, each in manifest.tables.items()):
        raise BackupRefused(f"{path} is damaged: it does not hold as many rows as its manifest says.")
    if manifest.revision != newest_revision():
        raise BackupRefused(
            f"The backup is at migration {manifest.revision}, this version of the tool at {newest_revision()}.",
            "Restore it with the version it was made with, then upgrade.",
        )
    known = {each.name: [column.name for column in each.columns] for each in tables()}
    if {name: each["columns"] for name, each in manifest.tables.items()} != known:
        raise BackupRefused("The tables of the backup are not those of this version of the tool.")
    return manifest


def _read_through(path: Path) -> tuple[Manifest, dict[str, str], dict[str, int]]:
    """The manifest, and what there really is: digests of all members, rows of tables."""
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    told: dict[str, Any] | None = None
    for name, content in _members(path):
        if name == MANIFEST:
            told = cast("dict[str, Any]", json.loads(content.read()))
            continue
        digest = hashlib.sha256()
        for piece in _pieces(content):
            digest.update(piece)
            if name.startswith("tables/"):
                counts[name] = counts.get(name, 0) + piece.count(b"\n")
        found[name] = digest.hexdigest()
    if told is None or told.get("format") != FORMAT:
        raise BackupRefused(f"{path} is no backup of this tool, or was cut off: it has no manifest.")
    return Manifest(**told), found, counts


def restore_backup(path: Path, *, settings: Settings, storage: Storage, force: bool = False) -> Manifest:
    """Bring everything back, or nothing. `force`: what is there now is removed. Raises BackupRefused.

    The archive is checked from end to end before anything is touched. Files and keys are in their places before the
    database commits, and are taken back when it does not.
    """
    manifest = check_backup(path)
    if current_revision() != newest_revision():
        raise BackupRefused("The database is not at the newest migration.", "Run `db upgrade` first.")
    db.session.rollback()
    placed = _Placed(storage, settings.keys_dir)
    with placed.or_taken_back(), db.engine.begin() as connection:
        if not force and (full := _first_filled(connection)):
            raise BackupRefused(f"The database is not empty: {full} has rows.", "Use --force to replace everything.")
        with _constraints_at_the_end(connection):
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for name, content in _members(path):
                kind, _slash, rest = name.partition("/")
                if kind == "tables":
                    _insert(connection, Base.metadata.tables[rest], content)
                elif kind == "files":
                    placed.put_file(rest, content)
                elif kind == "keys":
                    placed.put_key(rest, content.read())
        _count_again(connection, manifest)
    for key in list(storage.every_key()):
        if f"files/{key}" not in manifest.digests:  # of what was there before
            storage.delete(key)
    return manifest


def _first_filled(connection: Connection) -> str:
    for table in tables():
        if table.name != "periodic" and connection.execute(select(1).select_from(table).limit(1)).first():
            return table.name
    return ""


@contextmanager
def _constraints_at_the_end(connection: Connection) -> Iterator[None]:
    """Rows may point at rows that come later: foreign keys are checked once, at the end."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise BackupRefused("The backup's rows do not fit together.")
        return
    named = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
    keys = connection.execute(text(f"{named} AND connamespace = current_schema()::regnamespace")).all()
    for table, key in keys:
        connection.execute(text(f'ALTER TABLE {table} ALTER CONSTRAINT "{key}" DEFERRABLE'))
    connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    yield
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for table, key in keys:
        connection.execute(text(f'ALTER TABLE {table} ALTER CONSTRAINT "{key}" NOT DEFERRABLE'))


def _insert(connection: Connection, table: Table, lines: IO[bytes]) -> None:
    names = [each.name for each in table.columns]
    kinds = [each.type for each in table.columns]
    batch: list[dict[str, Any]] = []
    for line in lines:
        values = [_typed(value, kind) for value, kind in zip(json.loads(line), kinds, strict=True)]
        batch.append(dict(zip(names, values, strict=True)))
        if len(batch) == BATCH:
            connection.execute(table.insert(), batch)
            batch = []
    if batch:
        connection.execute(table.insert(), batch)
    if connection.dialect.name == "postgresql":
        _go_on_counting(connection, table)


def _typed(value: Any, kind: TypeEngine[Any]) -> Any:
    if value is None:
        return null() if isinstance(kind, JSON) else None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    wanted = (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
    return wanted.fromisoformat(value) if wanted in (datetime, date) else value


def _go_on_counting(connection: Connection, table: Table) -> None:
    """New rows get numbers after those that came."""
    for column in table.primary_key.columns:
        name = {"table": f'"{table.name}"', "column": column.name}
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), name).scalar()
        if sequence:
            newest = connection.execute(select(func.max(column))).scalar()
            values = {"sequence": sequence, "newest": newest or 1, "used": newest is not None}
            connection.execute(text("SELECT setval(:sequence, :newest, :used)"), values)


def _count_again(connection: Connection, manifest: Manifest) -> None:
    for table in tables():
        there = connection.execute(select(func.count()).select_from(table)).scalar()
        if there != manifest.tables[table.name]["rows"]:
            raise BackupRefused(f"Not every row of {table.name} arrived.")


class _Placed:
    """Files and keys that were put in their places, to be taken back when the rest fails."""

    def __init__(self, storage: Storage, keys_dir: Path) -> None:
        self.storage, self.keys_dir = storage, keys_dir
        self.files: list[str] = []
        self.keys: list[Path] = []
        self.replaced: list[Path] = []

    def put_file(self, key: str, content: IO[bytes]) -> None:
        if self.storage.put(key, cast("BinaryIO", content)):
            self.files.append(key)

    def put_key(self, name: str, content: bytes) -> None:
        """The first one that comes sets those aside that are here."""
        self.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.keys:
            for each in _key_files(self.keys_dir):
                self.replaced.append(each.rename(each.with_name(f"{each.name}{REPLACED}")))
        path = self.keys_dir / Path(name).name
        self.keys.append(path)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)

    @contextmanager
    def or_taken_back(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            for key in self.files:
                self.storage.delete(key)
            for path in self.keys:
                path.unlink(missing_ok=True)
            for path in self.replaced:
                path.rename(path.with_name(path.name.removesuffix(REPLACED)))
            raise
