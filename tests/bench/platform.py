"""A platform's token endpoint, score service and rosters as a process of its own: answers as fast as asyncio can, or as
slowly and as badly as it is told.

`python -m tests.bench.platform` prints its port. `/control?latency=0.05&faults=1` sets how it behaves and answers how
often each kind of call has come since.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tests.bench import roster_pages

TOKEN = json.dumps({"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600}).encode()
HEAD = b"HTTP/1.1 %d X\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n"


@contextmanager
def running() -> Iterator[str]:
    """The address of a platform that runs beside."""
    child = subprocess.Popen([sys.executable, "-m", "tests.bench.platform"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.kill()
        child.wait()


class Behaviour:
    """What all connections share."""

    def __init__(self) -> None:
        self.address = ""
        self.latency = 0.0
        self.faults = False
        self.hangs: set[str] = set()
        self.calls: Counter[str] = Counter()

    def answer(self, target: str) -> tuple[float, bytes]:
        """(seconds to wait, the answer)."""
        parts = urlsplit(target)
        if parts.path == "/control":
            return 0.0, self._control(dict(parse_qsl(parts.query)))
        kind = parts.path.rsplit("/", 1)[-1]
        self.calls[kind] += 1
        if kind == "token":
            return self.latency, _made(200, TOKEN)
        if kind == "members":
            return self.latency, self._roster(parts)
        if parts.path.split("/")[1] in self.hangs:
            return 3600.0, b""
        return self.latency, self._score(self.calls[kind])

    def _roster(self, parts: SplitResult) -> bytes:
        _, members, page, _ = parts.path.split("/")
        number = int(dict(parse_qsl(parts.query)).get("page", 0))
        more, body = roster_pages.pages(self.address, int(members), int(page))[number]
        return _made(200, body, more, kind=roster_pages.MEMBERS_TYPE)

    def _score(self, number: int) -> bytes:
        if self.faults and number % 20 == 3:
            return _made(500)
        if self.faults and number % 20 == 11:
            return _made(429, more=b"Retry-After: 1\r\n")
        if self.faults and number % 100 == 57:
            return _made(401)
        return _made(200)

    def _control(self, wanted: dict[str, str]) -> bytes:
        told = json.dumps(self.calls).encode()
        self.latency = float(wanted.get("latency", 0))
        self.faults = "faults" in wanted
        self.hangs = set(filter(None, wanted.get("hangs", "").split(",")))
        self.calls.clear()
        return _made(200, told)


def _made(status: int, body: bytes = b"", more: bytes = b"", *, kind: str = "application/json") -> bytes:
    return HEAD % (status, kind.encode(), more, len(body)) + body


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests on it come one after another."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        if len(body) < length:
            return
        self.buffer = body[length:]
        wait, answer = self.behaviour.answer(head.split(b" ", 2)[1].decode())
        if wait:
            asyncio.get_running_loop().call_later(wait, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)


async def serve() -> None:
    behaviour = Behaviour()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(behaviour), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    behaviour.address = f"http://127.0.0.1:{port}"
    print(port, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
