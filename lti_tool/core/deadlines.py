"""The longest a call to the outside may take in all, kept by one thread for all calls of this process."""

from __future__ import annotations

import heapq
import os
import socket
import threading
import time


class _Watching(threading.local):
    """What the call in this thread may still do; the connections made or reused for it note their socket here."""

    def __init__(self) -> None:
        self.current: Deadline | None = None


class Deadline:
    """Cuts the connection when a call takes too long in all: a dripping server never trips the read timeout.

    Connecting and the TLS handshake are each bounded by the connect timeout as a whole, so cutting begins after them.
    """

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.passed = False
        self.over = False
        self._socket: socket.socket | None = None

    def __lt__(self, other: Deadline) -> bool:
        return self.ends < other.ends

    def __enter__(self) -> Deadline:
        watching.current = self
        _guard.add(self)
        return self

    def __exit__(self, *_exc: object) -> None:
        watching.current = None
        self.over = True
        self._socket = None

    def watch(self, sock: socket.socket | None) -> None:
        self._socket = sock
        if self.passed:
            self.cut()

    def cut(self) -> None:
        if self.over:
            return
        self.passed = True
        try:
            if self._socket is not None:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            pass  # closed meanwhile


class _Guard:
    """One thread that cuts what is late: a timer for each call would cost as much as the call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Deadline] = []
        self._pid = 0

    def add(self, deadline: Deadline) -> None:
        with self._changed:
            if self._pid != os.getpid():  # threads do not follow into a fork
                self._pid, self._waiting = os.getpid(), []
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
            heapq.heappush(self._waiting, deadline)
            if self._waiting[0] is deadline:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._waiting and self._waiting[0].over:
                    heapq.heappop(self._waiting)
                left = self._waiting[0].ends - time.monotonic() if self._waiting else None
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                late = heapq.heappop(self._waiting)
            late.cut()


_guard = _Guard()
watching = _Watching()
