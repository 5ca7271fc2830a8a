"""The tool and two schools on sockets of this machine, all in this process."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from lti_tool import create_app
from lti_tool.core import jobs
from lti_tool.core.db import db
from lti_tool.core.settings import Settings
from lti_tool.discussions import places
from lti_tool.sandbox import create_school
from tests.browser import pieces
from tests.discussions import table
from tests.factories.platforms import add_registration
from tests.files.page import shelf
from tests.lms import School

SCHOOLS = (("en", "Riverside School"), ("ru", "Школа № 12"))
"""The first one speaks English, as the tests do, whichever translations are compiled."""


class PartitionedCookies:
    """In front of the tool: leaves out a cookie's `Partitioned`, for browsers that do not know it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.known = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if not self.known:
                headers = [(name, value.replace("; Partitioned", "")) for name, value in headers]
            return start_response(status, headers, *rest)

        answer: Iterable[bytes] = self.app(environ, start)
        return answer


@dataclass
class Town:
    """Everything that runs; `school` and `other` have the tool registered."""

    url: str
    tool: Flask
    school: School
    other: School
    partitioned: PartitionedCookies
    running: ExitStack = field(repr=False)

    def run_jobs(self) -> None:
        """Do all due background work now."""
        for _round in range(50):
            with self.tool.app_context():
                due = [(known.task, row) for known in jobs._sweeps for row in known.due()]
                db.session.rollback()
            for task, row in due:
                task(row)
            if not due:
                return
        raise AssertionError("background work never ends")


def take_over(tool: Flask) -> None:
    """Background work and round tables are this tool's, also after a test with an application of its own."""
    jobs.init_app(tool, tool.extensions["settings"])
    places.register("table", table.find)


def start(folder: Path) -> Town:
    """Start all three on free ports; their data goes to `folder` or stays in memory."""
    running = ExitStack()
    ports = _free_ports(3)
    url = f"http://localhost:{ports[0]}"
    tool = create_app(_settings(folder, url))
    with tool.app_context():
        db.create_all()
    tool.register_blueprint(pieces.blueprint)
    tool.register_blueprint(shelf())
    partitioned = PartitionedCookies(tool.wsgi_app)
    _serve(running, partitioned, ports[0])
    schools = []
    for (language, name), port in zip(SCHOOLS, ports[1:], strict=True):
        app = create_school(name=name, url=f"http://127.0.0.1:{port}", language=language, people=12, tool_url=url)
        _serve(running, app, port)
        school = School(app)
        add_registration(tool, school, name)
        schools.append(school)
    return Town(url, tool, schools[0], schools[1], partitioned, running)


def _settings(folder: Path, url: str) -> Settings:
    return Settings(
        base_url=url,
        secret_key="a test's secret, long enough to sign with",
        database_url=f"sqlite:///{folder / 'tool.sqlite'}",
        broker_url="memory://",
        storage_url=f"file:{folder / 'files'}",
        keys_dir=folder / "keys",
        instance_dir=folder,
        platform_allow=("127.0.0.0/8", "localhost"),
        default_locale="en",
    )


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _serve(running: ExitStack, app: Any, port: int) -> None:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    running.callback(stop)
