from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

import pytest


def start(port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lti_tool.sandbox.run"],
        env=os.environ | {"PORT": port},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("taken", [0, 2])
def test_a_used_port_gives_one_clear_sentence(taken: int) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        ended = start(str(port - taken))
    assert ended.returncode == 1
    assert ended.stdout == ""
    told = re.match(r"Port (\d+) is in use \(ports (\d+) to (\d+) are needed\)", ended.stderr)
    assert told
    named, first, last = (int(number) for number in told.groups())
    assert (first, last) == (port - taken, port - taken + 2)
    assert first <= named <= port  # another test may hold one of those before it
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["http", "65535"])
def test_a_wrong_port_is_explained(port: str) -> None:
    ended = start(port)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"PORT={port} is not a port" in ended.stderr
