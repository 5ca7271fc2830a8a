"""`make bench`: what launches, rosters and scores cost beside their floors and pylti1p3, alternating in one run."""

from __future__ import annotations

import logging
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import structlog
from flask import Flask
from sqlalchemy import create_engine, event, insert, text
from sqlalchemy.engine import Engine, make_url

from lti_tool import create_app
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.core.settings import load
from lti_tool.organizations.models import Organization
from lti_tool.platforms.models import ACTIVE, Deployment, Registration
from tests.bench import driver, peers, rosters, scores, stores
from tests.bench.driver import launch

ROUNDS, LAUNCHES = 15, 40
FLOOR_LIMIT, PEER_LIMIT = 1.3, 1.0


def ours(url: str, directory: Path) -> Flask:
    """The product with one registered platform whose keys are known."""
    told = {"SECRET_KEY": "for the benchmark", "DATABASE_URL": url, "PLATFORM_ALLOW": "127.0.0.0/8"}
    settings = load({f"LTI_TOOL_{name}": value for name, value in told.items()}, directory)
    app = create_app(replace(settings, base_url=driver.TOOL, keys_dir=directory / "keys"))
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=Path(os.devnull).open("w")))  # noqa: SIM115
    with app.app_context(), unit_of_work():
        db.create_all()
        addresses = {
            "auth_url": peers.AUTH_URL,
            "token_url": f"{driver.ISSUER}/token",
            "jwks_url": f"{driver.ISSUER}/jwks",
        }
        registration = Registration(
            organization=Organization(name="Школа", type="school", department="x"),
            issuer=driver.ISSUER,
            client_id=driver.CLIENT_ID,
            state=ACTIVE,
            jwks=driver.JWKS,
            jwks_fetched_at=utcnow(),
            deployments=[Deployment(deployment_id=driver.DEPLOYMENT, state=ACTIVE)],
            **addresses,
        )
        db.session.add(registration)
    return app


def prepared(url: str) -> Engine:
    """The peers' tables, with SQLite tuned as the product tunes it."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _tune(connection: object, _record: object) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    stores.metadata.create_all(engine)
    with engine.begin() as connection:
        row = {"issuer": driver.ISSUER, "client_id": driver.CLIENT_ID, "deployment_id": driver.DEPLOYMENT}
        connection.execute(insert(stores.registration).values(auth_url=peers.AUTH_URL, **row))
    return engine


@contextmanager
def databases(directory: Path) -> Iterator[dict[str, str]]:
    """SQLite, and PostgreSQL where LTI_TOOL_TEST_DATABASE_URL names a server."""
    urls = {"SQLite": f"sqlite:///{directory / 'bench.sqlite'}"}
    server = os.environ.get("LTI_TOOL_TEST_DATABASE_URL")
    if not server:
        sys.stdout.write("PostgreSQL: skipped, LTI_TOOL_TEST_DATABASE_URL names no server\n")
        yield urls
        return
    name = f"lti_tool_bench_{uuid4().hex[:8]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield urls | {"PostgreSQL": make_url(server).set(database=name).render_as_string(hide_password=False)}
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def measure(name: str, url: str, directory: Path) -> bool:
    """Print the medians and ratios of one database; True when all goals are met."""
    app = ours(url, directory / name)
    engine = prepared(url)
    page = stores.page_of(app)
    tools = {"ours": app, "floor": peers.floor(engine, page), "pylti1p3": peers.pylti1p3_tool(engine, page)}
    number = 1
    spent: dict[str, list[float]] = {tool: [] for tool in (*tools, "refused")}
    for turn in range(ROUNDS + 1):
        for tool, wsgi in tools.items():
            figures = [launch(wsgi, number + each) for each in range(LAUNCHES)]
            number += LAUNCHES
            if turn:  # the first round warms up
                spent[tool].append(statistics.mean(figures))
        if turn:
            spent["refused"].append(
                statistics.mean(launch(app, number + each, refused=True) for each in range(LAUNCHES))
            )
            number += LAUNCHES
    median = {tool: statistics.median(figures) for tool, figures in spent.items()}
    to_floor = statistics.median(a / b for a, b in zip(spent["ours"], spent["floor"], strict=True))
    to_peer = statistics.median(a / b for a, b in zip(spent["ours"], spent["pylti1p3"], strict=True))
    refused = median["refused"] / median["ours"]
    milliseconds = ", ".join(f"{tool} {seconds * 1000:.2f} ms" for tool, seconds in median.items())
    sys.stdout.write(f"{name}: {milliseconds}\n")
    sys.stdout.write(
        f"{name}: ours / floor {to_floor:.2f} (goal {FLOOR_LIMIT}), ours / pylti1p3 {to_peer:.2f} (goal {PEER_LIMIT}), "
        f"refused / accepted {refused:.2f} (goal 1.0)\n"
    )
    engine.dispose()
    met = to_floor <= FLOOR_LIMIT and to_peer <= PEER_LIMIT and refused <= 1.0
    met &= rosters.measure(name, app)
    met &= scores.measure(name, app, directory / name / "keys")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return met


def main() -> None:
    """Measure on every database that is there."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as directory, databases(Path(directory)) as urls:
        met = [measure(name, url, Path(directory)) for name, url in urls.items()]
    sys.stdout.write("All goals are met.\n" if all(met) else "A goal is missed.\n")


if __name__ == "__main__":
    main()
