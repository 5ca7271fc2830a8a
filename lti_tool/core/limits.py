"""Limits on how often something may be asked for, counted by address unless a view says otherwise.

Counted in this process, or by all processes together where the broker is Redis.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import structlog
from flask import Flask, abort, current_app, request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from lti_tool.core.settings import Settings

V = TypeVar("V", bound=Callable[..., Any])
TIDY_SECONDS = 60
log = structlog.get_logger(__name__)


def address() -> str:
    """Where the request comes from; behind trusted proxies, what they say."""
    return request.remote_addr or "unknown"


def limit(text: str, *, key: Callable[[], str] = address, methods: Collection[str] = ()) -> Callable[[V], V]:
    """Let a view be asked for at most e.g. "60 per minute" for one `key`; above that the answer is 429.

    `methods`: count only these; all when empty.
    """
    item = parse(text)

    def add(view: V) -> V:
        name = f"{view.__module__}.{view.__name__}"

        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            if (not methods or request.method in methods) and not _hit(item, name, key()):
                abort(429)
            return view(*args, **kwargs)

        return cast("V", limited)

    return add


def _hit(item: RateLimitItem, name: str, key: str) -> bool:
    counters: Counters = current_app.extensions["limits"]
    try:
        return counters.hit(item, name, key)
    except StorageError as error:  # lessons go on while the counting is out of order
        log.warning("limits not counted", error=type(error).__name__)
        return True


class Counters(Protocol):
    """Where hits are counted."""

    def hit(self, item: RateLimitItem, *identifiers: str) -> bool:
        """Count one, unless the limit is reached: then False."""


class InProcess:
    """Moving windows in this process's memory; far cheaper than the storage of `limits`, which starts threads."""

    def __init__(self) -> None:
        self._moments: dict[tuple[RateLimitItem, tuple[str, ...]], deque[float]] = {}
        self._lock = threading.Lock()
        self._tidied = time.monotonic()

    def hit(self, item: RateLimitItem, *identifiers: str) -> bool:
        now, span = time.monotonic(), item.get_expiry()
        with self._lock:
            moments = self._moments.setdefault((item, identifiers), deque())
            while moments and moments[0] <= now - span:
                moments.popleft()
            allowed = len(moments) < item.amount
            if allowed:
                moments.append(now)
            if now - self._tidied > TIDY_SECONDS:
                self._tidy(now)
        return allowed

    def _tidy(self, now: float) -> None:
        """Forget who has not been here for as long as their limit looks back."""
        self._tidied = now
        for key, moments in list(self._moments.items()):
            if not moments or moments[-1] <= now - key[0].get_expiry():
                del self._moments[key]


def init_app(app: Flask, settings: Settings) -> None:
    shared = settings.broker_url.startswith("redis")
    app.extensions["limits"] = (
        MovingWindowRateLimiter(storage_from_string(settings.broker_url, wrap_exceptions=True))
        if shared
        else InProcess()
    )
