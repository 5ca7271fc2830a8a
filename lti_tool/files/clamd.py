"""Asking clamd, ClamAV's daemon, by its INSTREAM command: length and bytes of each piece, a zero length, one answer."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from urllib.parse import urlsplit

TIMEOUT = 60
"""Seconds without a sign of life."""
LONGEST_ANSWER = 1000


class NoAnswer(Exception):
    """clamd cannot be reached, or says neither yes nor no."""


def look(url: str, content: Iterable[bytes]) -> str:
    """The name of a virus in the content, or an empty text. Raises NoAnswer."""
    try:
        with _connect(url) as connection:
            connection.sendall(b"zINSTREAM\0")
            for piece in content:
                connection.sendall(struct.pack("!L", len(piece)) + piece)
            connection.sendall(struct.pack("!L", 0))
            return _verdict(_answer(connection))
    except OSError as error:
        raise NoAnswer(type(error).__name__) from None


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=TIMEOUT)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection


def _answer(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            break
        answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _verdict(answer: str) -> str:
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer == "stream: OK":
        return ""
    raise NoAnswer(answer[:100] or "nothing")
