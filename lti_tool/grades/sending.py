"""Sending one score, and what the LMS's answer means. Runs in threads of a lane, outside any transaction."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Flask

from lti_tool.core.db import utcnow
from lti_tool.grades.columns import ColumnBusy, ColumnChanged, NoColumn, find_column, fit_column
from lti_tool.grades.lanes import Order, Outcome
from lti_tool.grades.models import DELIVERED, PARKED, REFUSED, SUPERSEDED, WAITING
from lti_tool.lti.claims import SCOPE_SCORE
from lti_tool.lti.services import (
    AssignmentAndGrades,
    Refused,
    Retry,
    Score,
    ServiceError,
    Superseded,
    TokenRefused,
)
from lti_tool.platforms.access import KnownPlatform, grade_service, tokens_in_hand

STEP_BACK = timedelta(seconds=2)
"""How long a score waits while another worker finds its column."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
TOKEN_WAIT = timedelta(minutes=1)
"""First wait when the platform gives no token: that takes somebody's hand."""
KEEPS_FAILING = 6
"""Attempts after which the teacher is told that it is not a matter of seconds."""


class Sender:
    """Sends the scores of one registration, from several threads at once."""

    def __init__(self, app: Flask, platform: KnownPlatform) -> None:
        self._app = app
        self._platform = platform
        self._tokens = tokens_in_hand(app, platform)
        self._services: dict[tuple[str, ...], AssignmentAndGrades] = {}
        self._columns = threading.Lock()

    def send_all(self, orders: Sequence[Order]) -> list[Outcome]:
        """Send one after another; once the LMS is in trouble the rest is left as it was."""
        outcomes: list[Outcome] = []
        for order in orders:
            if outcomes and outcomes[-1].trouble:
                outcomes.append(Outcome(order, WAITING, outcomes[-1].code, counts=False))
            else:
                outcomes.append(self.send(order))
        return outcomes

    def send(self, order: Order) -> Outcome:
        """What became of it; never raises for anything the LMS does."""
        try:
            self._send(order)
        except ColumnBusy:
            return Outcome(order, WAITING, due_at=utcnow() + STEP_BACK, counts=False)
        except ColumnChanged:
            return Outcome(order, WAITING, due_at=utcnow(), counts=False)
        except NoColumn as parked:
            return Outcome(order, PARKED, parked.code)
        except ServiceError as error:
            return _after(order, error)
        return Outcome(order, DELIVERED)

    def _send(self, order: Order) -> None:
        if SCOPE_SCORE not in order.scopes:
            raise NoColumn("scope_missing")
        service = self._services.get(order.scopes)
        if service is None:
            with self._app.app_context():
                service = grade_service(self._platform, order.scopes, tokens=self._tokens)
            self._services[order.scopes] = service
        url = order.url
        if url is None:
            with self._columns, self._app.app_context():
                url = find_column(order, service)
        self._fit(order, service, url)
        service.post_score(url, Score(order.sub, order.given, order.maximum, order.timestamp, order.comment))

    def _fit(self, order: Order, service: AssignmentAndGrades, url: str) -> None:
        """Before the first score of an agreed scale the column gets its maximum."""
        if order.agreed_maximum is None or order.fit:
            return
        with self._columns, self._app.app_context():
            fit_column(order, service, url, order.agreed_maximum)


def _after(order: Order, error: ServiceError) -> Outcome:
    """What an unhappy answer means for the score."""
    if isinstance(error, Superseded):
        return Outcome(order, SUPERSEDED, error.code, error.status)
    if isinstance(error, Refused) and error.status == 404 and order.url is not None:
        return Outcome(order, PARKED, "column_gone", 404)
    if isinstance(error, Refused):
        return Outcome(order, REFUSED, error.code, error.status)
    code = "keeps_failing" if order.attempts >= KEEPS_FAILING else error.code
    due_at = utcnow() + _pause(order.attempts, error)
    return Outcome(order, WAITING, code, error.status, due_at, _closure(error, due_at), trouble=True)


def _closure(error: ServiceError, due_at: datetime) -> datetime | None:
    """Until when the next score would get the same answer: the LMS asked for a pause, or gives no token."""
    if isinstance(error, TokenRefused):
        return due_at
    asked = error.after if isinstance(error, Retry) else None
    return utcnow() + timedelta(seconds=asked) if asked is not None else None


def _pause(attempts: int, error: ServiceError) -> timedelta:
    """Doubles with each attempt, with jitter; never shorter than the platform asked for."""
    first = TOKEN_WAIT if isinstance(error, TokenRefused) else FIRST_WAIT
    wait = min(first * float(2 ** min(attempts - 1, 12)), LONGEST_WAIT) * random.uniform(0.8, 1.2)
    asked = error.after if isinstance(error, Retry) else None
    return max(wait, timedelta(seconds=asked)) if asked is not None else wait
