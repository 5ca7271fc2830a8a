"""Logs go to stderr, one line an event, each with its request's reference. What is never logged: see the operator's
guide; nothing here holds a name, a token or an address of a person."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from lti_tool.core.settings import Settings


def configure(settings: Settings) -> None:
    """Set up structlog and what the libraries log."""
    renderer: Any = structlog.processors.JSONRenderer() if settings.log_format == "json" else text_line
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def text_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """`time [level] event key=value …`, values with blanks or controls quoted, a traceback on the lines below.

    A quarter of the time that structlog's renderer for developers takes: a launch writes four lines.
    """
    head = f"{event.pop('timestamp', '')} [{event.pop('level', ''):<8}] {event.pop('event', '')}"
    trace = event.pop("exception", None)
    words = [f"{name}={_plain(event[name])}" for name in sorted(event)]
    line = f"{head:<60} {' '.join(words)}".rstrip()
    return f"{line}\n{trace}" if trace else line


def _plain(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and text else repr(text)
