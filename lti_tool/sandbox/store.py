"""The school's database: one request at a time, committed when the request went well.

A sandbox needs no concurrency inside one school, and SQLite is spared every lost race this way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from flask import Flask, Response, g
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from .models import Base

MEMORY = "sqlite://"


class Store:
    """Engine, sessions and the lock of one school."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._turn = RLock()
        Base.metadata.create_all(self.engine)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session outside a request, committed at the end."""
        with self._turn, self._sessions() as session, session.begin():
            yield session

    def attach(self, app: Flask) -> None:
        """Give every request of `app` its session as `g.session`."""
        app.before_request(self._open)
        app.after_request(self._commit)
        app.teardown_request(self._close)

    def _open(self) -> None:
        self._turn.acquire()
        g.session = self._sessions()

    def _commit(self, response: Response) -> Response:
        if "session" in g and response.status_code < 500:
            g.session.commit()
        return response

    def _close(self, _error: BaseException | None) -> None:
        session: Session | None = g.pop("session", None)
        if session is not None:
            session.close()
            self._turn.release()


def session() -> Session:
    """The session of the current request."""
    current: Session = g.session
    return current


def _engine(url: str) -> Engine:
    if url == MEMORY:
        return create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA journal_mode=WAL"))
    return engine
