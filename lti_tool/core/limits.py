"""Limits on how often something may be asked for, counted by address unless a view says otherwise.

Counted in this process, or by all processes together where the broker is Redis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar, cast

import structlog
from flask import Flask, abort, current_app, request
from limits import parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from lti_tool.core.settings import Settings

V = TypeVar("V", bound=Callable[..., Any])
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


def _hit(item: Any, name: str, key: str) -> bool:
    counters: MovingWindowRateLimiter = current_app.extensions["limits"]
    try:
        return counters.hit(item, name, key)
    except StorageError as error:  # lessons go on while the counting is out of order
        log.warning("limits not counted", error=type(error).__name__)
        return True


def init_app(app: Flask, settings: Settings) -> None:
    uri = settings.broker_url if settings.broker_url.startswith("redis") else "memory://"
    app.extensions["limits"] = MovingWindowRateLimiter(storage_from_string(uri, wrap_exceptions=True))
