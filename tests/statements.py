"""Counting what a page asks of the database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from lti_tool.core.db import db


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that are sent while the block runs.

    Announcements that were read before stay known: each process reads them again once a minute, whatever the page.
    """
    sent: list[str] = []
    announced = app.extensions["announcements"]
    if announced.until:
        announced.until = time.monotonic() + 3600

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
