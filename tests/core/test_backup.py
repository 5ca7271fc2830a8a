"""Backup and restore: everything comes back, also on the other database; what is damaged is refused as a whole."""

from __future__ import annotations

import gzip
import io
import json
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import stamp
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from lti_tool import create_app
from lti_tool.core import backup
from lti_tool.core.db import Base, db, unit_of_work
from lti_tool.core.storage import current_storage
from lti_tool.organizations.models import Organization
from lti_tool.platforms.access import key_ring
from tests.factories.agreements import agreement
from tests.factories.coordinators import coordinator, organization_of
from tests.lms import School


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=list(arguments))


def contents(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table that is kept."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in backup.tables()
            if table.name != "periodic"
        }


@pytest.fixture
def full(app: Flask, school_a: School, school_b: School, tmp_path: Path) -> Flask:
    """Two schools with an agreement, a merged organization that points at a later one, and a file."""
    coordinator(app, school_a)
    agreement(app, organization_of(app, school_a), organization_of(app, school_b))
    with app.app_context():
        stamp()
        with unit_of_work():
            later = Organization(name="Школа «Новая»", type="school", department="Education")
            db.session.add(later)
            db.session.flush()
            db.session.get_one(Organization, 1).merged_into_id = later.id
        current_storage().save(io.BytesIO(b"a scan" * 1000), limit=100_000)
        key_ring()
    return app


@pytest.fixture
def target(full: Flask, tmp_path: Path) -> Iterator[Flask]:
    """Another installation, on SQLite, without a database."""
    yield from installation(full, tmp_path, f"sqlite:///{tmp_path / 'other' / 'new.sqlite'}")


def installation(full: Flask, tmp_path: Path, url: str) -> Iterator[Flask]:
    folder = tmp_path / "other"
    folder.mkdir(parents=True, exist_ok=True)
    settings = replace(
        full.extensions["settings"],
        database_url=url,
        storage_url=f"file:{folder / 'files'}",
        keys_dir=folder / "keys",
        instance_dir=folder,
    )
    made = create_app(settings, testing=True)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
    made.extensions["http"].close()


def check_round_trip(full: Flask, target: Flask, archive: Path) -> None:
    made = run(full, "backup", str(archive), "--json")
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert "not encrypted" in made.output
    restored = run(target, "restore", str(archive))
    assert restored.exit_code == 0, restored.output
    assert contents(target) == contents(full)
    with target.app_context():
        (key,) = current_storage().every_key()
        assert b"".join(current_storage().read(key)) == b"a scan" * 1000
        keys = {each.kid for each in key_ring().describe()}
        with unit_of_work():  # numbers go on after those that came
            added = Organization(name="One more", type="school", department="Education")
            db.session.add(added)
            db.session.flush()
            assert added.id == 4
    with full.app_context():
        assert keys == {each.kid for each in key_ring().describe()}
    again = run(target, "restore", str(archive))
    assert again.exit_code == 1
    assert "not empty" in again.output
    assert run(target, "restore", str(archive), "--force").exit_code == 0
    assert contents(target) == contents(full)


def test_everything_comes_back(full: Flask, target: Flask, tmp_path: Path) -> None:
    check_round_trip(full, target, tmp_path / "all.backup")
    again = run(full, "backup", str(tmp_path / "all.backup"))
    assert again.exit_code == 1
    assert "exists already" in again.output


def test_from_sqlite_to_postgresql(full: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    server = request.config.getoption("--database")
    if server == "sqlite":
        pytest.skip("no PostgreSQL was named by --database")
    name = "lti_tool_restore"
    admin = create_engine(make_url(server).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        # to SQLite, and from there to PostgreSQL: each must give the same rows
        for between in installation(full, tmp_path / "a", f"sqlite:///{tmp_path / 'between.sqlite'}"):
            first = tmp_path / "first.backup"
            assert run(full, "backup", str(first)).exit_code == 0
            assert run(between, "restore", str(first)).exit_code == 0
            url = make_url(server).set(database=name).render_as_string(hide_password=False)
            for last in installation(between, tmp_path / "b", url):
                check_round_trip(between, last, tmp_path / "second.backup")
                assert contents(last) == contents(full)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def rewritten(archive: Path, name: str, change: Any) -> Path:
    """The archive with one member changed; None leaves it out."""
    made = archive.with_name("changed.backup")
    with tarfile.open(archive) as source, tarfile.open(made, "w:gz") as result:
        for member in source:
            content = source.extractfile(member)
            assert content is not None
            data = content.read()
            if member.name.startswith(name):
                data = change(data)
            if data is not None:
                member.size = len(data)
                result.addfile(member, io.BytesIO(data))
    return made


def test_what_is_damaged_is_refused_as_a_whole(full: Flask, target: Flask, tmp_path: Path) -> None:
    archive = tmp_path / "all.backup"
    assert run(full, "backup", str(archive)).exit_code == 0
    cut = tmp_path / "cut.backup"
    cut.write_bytes(archive.read_bytes()[:-2000])
    flipped = tmp_path / "flipped.backup"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    flipped.write_bytes(data)
    keys = target.extensions["settings"].keys_dir
    had = sorted(path.name for path in keys.iterdir())
    text_file = tmp_path / "text.backup"
    text_file.write_text("no backup")
    other = tmp_path / "other.backup"
    with gzip.open(other, "wb") as packed:
        packed.write(b"nothing")

    def older(data: bytes) -> bytes:
        return json.dumps({**json.loads(data), "revision": "0001"}).encode()

    for path in (cut, flipped, text_file, other):
        result = run(target, "restore", str(path))
        assert result.exit_code == 1, path
        assert "Error: " in result.output
    for change, words in (
        ((backup.MANIFEST, lambda _data: None), "no manifest"),
        ((backup.MANIFEST, older), "migration 0001"),
        (("files/", lambda data: data + b"x"), "does not agree"),
        (("tables/person", lambda data: data.replace(b"1", b"2", 1)), "does not agree"),
        (("keys/", lambda _data: None), "does not agree"),
    ):
        result = run(target, "restore", str(rewritten(archive, *change)))
        assert result.exit_code == 1
        assert words in result.output
    assert not any(contents(target).values())
    with target.app_context():
        assert list(current_storage().every_key()) == []
    assert sorted(path.name for path in keys.iterdir()) == had


def test_a_failure_halfway_leaves_everything_as_it_was(
    full: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "all.backup"
    assert run(full, "backup", str(archive)).exit_code == 0
    before = contents(full)
    keys = sorted(path.name for path in full.extensions["settings"].keys_dir.iterdir())

    def fail(*_arguments: object) -> None:
        raise backup.BackupRefused("Not every row arrived.")

    monkeypatch.setattr(backup, "_count_again", fail)
    assert run(full, "restore", str(archive), "--force").exit_code == 1
    assert contents(full) == before
    assert sorted(path.name for path in full.extensions["settings"].keys_dir.iterdir()) == keys
    with full.app_context():
        assert db.session.scalar(select(func.count()).select_from(Base.metadata.tables["organization"])) == 3
