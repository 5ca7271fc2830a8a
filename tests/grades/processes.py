"""A tool and a school's LMS as processes that can be started and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from lti_tool import create_app
from lti_tool.contexts.models import Context
from lti_tool.core.db import db, unit_of_work
from lti_tool.core.settings import PROJECT_DIR, load
from lti_tool.grades.models import LineItem, Score
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_SCORE
from lti_tool.organizations.models import Organization
from lti_tool.people.operations import upsert_identities
from lti_tool.platforms.models import ACTIVE, Deployment, Registration
from tests.factories.grades import record

PUPILS = 300
FIRST = 7
PATIENCE = 120
"""Seconds before the test says that something never comes."""


class Named:
    name = given_name = family_name = email = ""


def wait_until(true: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, f"still not: {what}"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process group that is gone at the end, whatever happens."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=PROJECT_DIR,
            env=env,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        kill(child)


def kill(child: subprocess.Popen[bytes]) -> None:
    """As the power cut does: nobody gets a word in."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def service(variable: str) -> str:
    """The address of a service; CI must have it, elsewhere its absence is told."""
    address = os.environ.get(variable)
    if not address:
        assert not os.environ.get("CI"), f"CI needs {variable}"
        pytest.skip(f"{variable} names no server")
    return address


@contextmanager
def database(kind: str, directory: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'tool.sqlite'}"
        return
    server = make_url(service("LTI_TOOL_TEST_DATABASE_URL"))
    name = f"lti_tool_kill_{uuid4().hex[:8]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


class Scene:
    """A school's LMS as a process of its own, and a tool that can be started and killed."""

    def __init__(self, directory: Path, database_url: str, broker: str) -> None:
        self.directory, self.broker = directory, broker
        self.school_port, self.port = free_port(), free_port()
        self.school = f"http://127.0.0.1:{self.school_port}"
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")} | {
            "PORT": str(self.port),
            "LTI_TOOL_BASE_URL": f"http://localhost:{self.port}",
            "LTI_TOOL_SECRET_KEY": "for this test only, long enough",
            "LTI_TOOL_DATABASE_URL": database_url,
            "LTI_TOOL_BROKER_URL": broker,
            "LTI_TOOL_STORAGE_URL": f"file:{directory / 'files'}",
            "LTI_TOOL_KEYS_DIR": str(directory / "keys"),
            "LTI_TOOL_PLATFORM_ALLOW": "127.0.0.0/8",
        }
        self.app: Flask = create_app(load(self.env, directory), testing=True)

    def sandbox(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(method, f"{self.school}/sandbox{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def prepare(self) -> None:
        """Register, enter once, know the column: what launches would have left."""
        wait_until(lambda: answers(f"{self.school}/sandbox/state"), "the school answers")
        tool = f"http://localhost:{self.port}"
        urls = {"login_url": f"{tool}/lti/login", "launch_url": f"{tool}/lti/launch", "jwks_url": f"{tool}/lti/jwks"}
        told = self.sandbox("POST", "/tools", name="Tool", **urls)
        self.sandbox("POST", "/courses/2/links", tool=told["id"], title="Report", maximum=10)
        self.sandbox("PUT", "/faults/ags", kind="slow", seconds=0.05)
        column = next(each for each in self.sandbox("GET", "/courses/2/grades") if each["own"])
        with self.app.app_context(), unit_of_work():
            db.create_all()
            registration = Registration(
                organization=Organization(name="School", type="school", department="Education"),
                state=ACTIVE,
                deployments=[Deployment(deployment_id=told["deployment_id"], state=ACTIVE)],
                **{name: told[name] for name in ("issuer", "client_id", "auth_url", "token_url", "jwks_url")},
            )
            db.session.add(registration)
            db.session.flush()
            context = Context(
                registration_id=registration.id,
                deployment_pk=registration.deployments[0].id,
                lms_id="2",
                lineitems_url=column["url"].partition("/lineitems/")[0] + "/lineitems",
                ags_scopes=[SCOPE_LINE_ITEM, SCOPE_SCORE],
            )
            db.session.add(context)
            db.session.flush()
            item = LineItem(context_id=context.id, resource_id="activity-1", label="Report", url=column["url"])
            db.session.add(item)
            upsert_identities(registration.id, {str(FIRST + each): Named() for each in range(PUPILS)})

    def value(self, sub: int) -> float:
        return (sub * 7) % 101 / 10

    def record_all(self, subs: Iterable[int] = range(FIRST, FIRST + PUPILS)) -> None:
        for sub in subs:
            record(self.app, sub, self.value(sub))

    def arrived(self) -> bool:
        """Every grade stands in the gradebook, and with the right value."""
        column = next(each for each in self.sandbox("GET", "/courses/2/grades") if each["own"])
        found = {int(sub): cell["score"] for sub, cell in column["grades"].items()}
        wanted = {sub: pytest.approx(self.value(sub)) for sub in range(FIRST, FIRST + PUPILS)}
        return bool(found == wanted)

    def delivered(self) -> int:
        with self.app.app_context():
            counted = select(func.count()).where(Score.state == "delivered")
            found = db.session.scalar(counted) or 0
            db.session.rollback()
            return found

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    @contextmanager
    def tool(self) -> Iterator[list[subprocess.Popen[bytes]]]:
        """The web server with the embedded worker; with a broker two workers beside it."""
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
        worker = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"]
        commands = [gunicorn] if self.broker.startswith("memory") else [gunicorn, worker, worker]
        with ExitStack() as stack:
            yield [stack.enter_context(running(each, self.env, self.directory / "tool.log")) for each in commands]
