"""The application under test: a fresh database for every test, SQLite or (with --database) PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from lti_tool import create_app
from lti_tool.announcements import showing
from lti_tool.core import http, jobs, limits, storage
from lti_tool.core.db import db
from lti_tool.core.settings import Settings
from lti_tool.platforms import access
from tests.factories.platforms import add_registration
from tests.lms import SCHOOL_A, SCHOOL_B, School

MakeApp = Callable[..., Flask]

hypothesis_settings.register_profile("unhurried", hypothesis_settings(), deadline=None)
hypothesis_settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        default="sqlite",
        help="sqlite, or a postgresql+psycopg:// address of a server where test databases may be created",
    )


@pytest.fixture(scope="session")
def session_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by all tests of this process: the signing key is made once."""
    return tmp_path_factory.mktemp("session")


def _settings(directory: Path, keys: Path, database_url: str) -> Settings:
    return Settings(
        base_url="https://tool.example",
        secret_key="a test's secret, long enough to sign with",
        database_url=database_url,
        broker_url="memory://",
        storage_url=f"file:{directory / 'files'}",
        keys_dir=keys,
        instance_dir=directory,
        default_locale="en",
    )


def _create_tables(settings: Settings) -> None:
    app = create_app(settings, testing=True)
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def empty_database(session_dir: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with all tables and no rows: a SQLite file to copy, or a PostgreSQL address to empty."""
    server = request.config.getoption("--database")
    if server == "sqlite":
        path = session_dir / "empty.sqlite"
        _create_tables(_settings(session_dir, session_dir / "keys", f"sqlite:///{path}"))
        yield str(path)
        return
    name = f"lti_tool_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    admin = create_engine(make_url(server).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    _create_tables(_settings(session_dir, session_dir / "keys", url))
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


def fresh_database(empty_database: str, directory: Path) -> str:
    """The address of a database with all tables and no rows: a file in `directory`, or the server's one emptied."""
    if empty_database.startswith("postgresql"):
        engine = create_engine(empty_database)
        tables = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        engine.dispose()
        return empty_database
    copy = directory / "test.sqlite"
    for trace in ("", "-wal", "-shm"):  # a thread of the test before may still hold what was there
        copy.with_name(copy.name + trace).unlink(missing_ok=True)
    shutil.copyfile(empty_database, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def database_url(empty_database: str, session_dir: Path) -> str:
    """An empty database, at the same address in all tests of this process."""
    return fresh_database(empty_database, session_dir)


class Workshop:
    """The application most tests get: routes, templates and statements stay compiled, all else is made anew."""

    def __init__(self) -> None:
        self.app: Flask | None = None

    def lend(self, settings: Settings) -> Flask:
        if self.app is None or self.app.config["SQLALCHEMY_DATABASE_URI"] != settings.database_url:
            self.app = create_app(settings, testing=True)
            return self.app
        app = self.app
        app.extensions.update(settings=settings, exchange={}, http=http.guarded_session(settings.platform_allow))
        app.extensions["open_http"] = http.guarded_session()
        storage.init_app(app, settings.storage_url)
        limits.init_app(app, settings)
        access.init_app(app)
        showing.init_app(app)
        jobs.init_app(app, settings)
        return app


@pytest.fixture(scope="session")
def workshop() -> Workshop:
    return Workshop()


@contextmanager
def applications(database_url: str, directory: Path, keys: Path, workshop: Workshop | None = None) -> Iterator[MakeApp]:
    """What makes applications on this database, and closes them at the end; the first without changes is the
    workshop's, unless it is asked for `new`."""
    made: list[Flask] = []

    def make(*, new: bool = False, **changes: object) -> Flask:
        settings = replace(_settings(directory, keys, database_url), **changes)  # type: ignore[arg-type]
        lent = workshop is not None and not (made or new or changes)
        made.append(workshop.lend(settings) if workshop and lent else create_app(settings, testing=True))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        for session in ("http", "open_http"):
            app.extensions[session].close()


@pytest.fixture
def make_app(database_url: str, session_dir: Path, tmp_path: Path, workshop: Workshop) -> Iterator[MakeApp]:
    """Make an application on this test's database; keyword arguments replace fields of its Settings. `new`: one that
    nothing was asked of, so that routes may be added."""
    with applications(database_url, tmp_path, session_dir / "keys", workshop) as make:
        yield make


@pytest.fixture(scope="module")
def shared_app(empty_database: str, session_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all tests of a module that make no other: for scenes that are dear to build."""
    directory = tmp_path_factory.mktemp("shared")
    with applications(fresh_database(empty_database, directory), directory, session_dir / "keys") as make:
        yield make()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser at the tool, over https."""
    return browser(app)


def browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_HOST"] = "tool.example"
    return client


@pytest.fixture
def school_a(app: Flask) -> School:
    """The Russian school, registered."""
    school = School.start("ru", SCHOOL_A, tool=app)
    add_registration(app, school, "Школа № 12")
    return school


@pytest.fixture
def school_b(app: Flask) -> School:
    """The English school, registered; its LMS uses the same numbers for people, courses and links."""
    school = School.start("en", SCHOOL_B, tool=app)
    add_registration(app, school, "Riverside School")
    return school


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Do all due background work now, as a worker would; returns how many rows were handled."""

    def run() -> int:
        total = 0
        for _round in range(100):
            with app.app_context():
                due = [(known.task, row_id) for known in jobs._sweeps for row_id in known.due()]
                db.session.rollback()
            if not due:
                return total
            for task, row_id in due:
                task(row_id)
            total += len(due)
        raise AssertionError("background work never ends")

    return run
