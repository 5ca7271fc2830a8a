"""`make run`: the tool and two schools on this machine, registered with each other, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import click
import requests

from . import story
from .browser import Browser

PROJECT = Path(__file__).resolve().parents[2]
WAIT = 90
"""Seconds until every part has to answer."""
STOP = 10
"""Seconds a part may take to stop by itself."""


class CannotRun(Exception):
    """Something is in the way; the text is one clear sentence."""


@dataclass(frozen=True)
class SchoolProcess:
    """One school of the sandbox and how it appears in the tool."""

    key: str
    name: str
    department: str
    city: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Parts:
    """The running children; all of them stop together."""

    logs: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], env: dict[str, str]) -> None:
        """Start a child of its own session, so that Ctrl-C reaches it only through us."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                command, cwd=PROJECT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def check(self) -> None:
        """Raise CannotRun when a child has ended."""
        for name, child in self.children.items():
            if child.poll() is not None:
                raise CannotRun(f"{name} has stopped. Its last words:\n{self._last_words(name)}")

    def stop(self) -> None:
        """Ask all children to end, then make them."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        for child in self.children.values():
            try:
                child.wait(STOP)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _last_words(self, name: str) -> str:
        lines = (self.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-12:])


def main() -> None:
    """Run everything; exits with 1 and one sentence when that is not possible."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    parts = Parts(PROJECT / "instance" / "run")
    try:
        port = _port(os.environ.get("PORT") or "8080")
        parts.logs.mkdir(parents=True, exist_ok=True)
        _run(parts, port)
    except CannotRun as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("\nStopping…")
    finally:
        parts.stop()


def _run(parts: Parts, port: int) -> None:
    tool_url = f"http://localhost:{port}"
    schools = (
        SchoolProcess("a", "Школа № 12", "Department of Education, Moscow", "Москва", port + 1),
        SchoolProcess("b", "Riverside School", "Riverside Borough Council", "Riverside", port + 2),
    )
    env = os.environ | {
        "PORT": str(port),
        "LTI_TOOL_BASE_URL": tool_url,
        "LTI_TOOL_PLATFORM_ALLOW": os.environ.get("LTI_TOOL_PLATFORM_ALLOW", "127.0.0.0/8,localhost"),
    }
    click.echo("Starting the tool and two schools…")
    _flask(env, "db", "upgrade")
    parts.start("tool", [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"], env)
    for school in schools:
        data = parts.logs / f"school-{school.key}-{school.port}.sqlite"
        command = [sys.executable, "-m", "lti_tool.sandbox", "--school", school.key, "--port", str(school.port)]
        parts.start(f"school-{school.key}", [*command, "--data", str(data), "--tool", tool_url], env)
    for address in (f"{tool_url}/healthz", *(f"{school.url}/sandbox/state" for school in schools)):
        _wait_for(parts, address)
    for school in schools:
        _register(school, env)
    click.echo("Letting two schools work for a while…")
    story.begin([school.url for school in schools])
    _welcome(tool_url, schools)
    while True:
        time.sleep(1)
        parts.check()


def _port(text: str) -> int:
    """The tool's port, when it and the two after it are free."""
    if not text.isdigit() or not 1024 <= int(text) <= 65533:
        raise CannotRun(f"PORT={text} is not a port between 1024 and 65533. Example: make run PORT=8080")
    for port in range(int(text), int(text) + 3):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CannotRun(
                    f"Port {port} is in use (ports {text} to {int(text) + 2} are needed): "
                    f"stop what uses it, or choose others with make run PORT={int(text) + 10}"
                ) from error
    return int(text)


def _flask(env: dict[str, str], *arguments: str) -> str:
    """What a command of the tool printed."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"flask {' '.join(arguments)} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def _wait_for(parts: Parts, address: str) -> None:
    deadline = time.monotonic() + WAIT
    with requests.Session() as http:
        http.trust_env = False
        while time.monotonic() < deadline:
            parts.check()
            try:
                if http.get(address, timeout=5).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.2)
    raise CannotRun(f"{address} does not answer after {WAIT} seconds; see {parts.logs}")


def _register(school: SchoolProcess, env: dict[str, str]) -> None:
    """Dynamic registration as the school's administrator does it; done once, and again when one side was emptied."""
    browser = Browser()
    known = {each["client_id"] for each in _listed(env, "platforms") if each["issuer"] == school.url}
    if any(tool["client_id"] in known for tool in browser.open(f"{school.url}/sandbox/state").json()["tools"]):
        return
    invite = _flask(env, "platforms", "invite", _organization(school, env), "--auto-approve").split()[-1]
    added = browser.http.post(f"{school.url}/sandbox/registrations", json={}, timeout=30).json()
    query = urlencode(added)
    page = browser.open(f"{invite}{'&' if '?' in invite else '?'}{query}")
    forms = [form for form in browser.posting(page) if "/lti/register" in form.action]
    if not forms:
        raise CannotRun(f"The tool shows no registration form to {school.name}.")
    browser.submit(forms[0])
    arrived = browser.open(f"{school.url}/sandbox/state").json()["tools"]
    if not arrived or arrived[-1]["client_id"] in known:
        raise CannotRun(f"{school.name} could not register the tool.")
    address = f"{school.url}/sandbox/tools/{arrived[-1]['id']}"
    browser.http.patch(address, json={"state": "active"}, timeout=30).raise_for_status()


def _organization(school: SchoolProcess, env: dict[str, str]) -> str:
    """Id of the school's organization in the tool, added when it is not there."""
    for each in _listed(env, "organizations"):
        if each["name"] == school.name:
            return str(each["id"])
    options = ["--type", "school", "--department", school.department, "--city", school.city]
    return _flask(env, "organizations", "add", school.name, *options).split()[-1]


def _listed(env: dict[str, str], things: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_flask(env, things, "list", "--json"))
    return rows


def _welcome(tool_url: str, schools: Sequence[SchoolProcess]) -> None:
    lines = [
        "",
        "Schools Together is running.",
        "",
        f"  The tool          {tool_url}",
        *(f"  {school.name:<16}  http://localhost:{school.port}" for school in schools),
        "",
        *story.what_to_click([school.port for school in schools]),
        "",
        "Everything is kept in instance/ for the next start. Ctrl-C stops all three.",
    ]
    click.echo("\n".join(lines))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
