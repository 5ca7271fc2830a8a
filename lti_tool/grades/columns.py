"""The columns of gradebooks: found in the LMS or made there, once each, and given the maximum that was agreed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update

from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.grades.lanes import Order
from lti_tool.grades.models import FITS, KEPT, LineItem
from lti_tool.lti.claims import SCOPE_LINE_ITEM
from lti_tool.lti.services import AssignmentAndGrades, LineItemSpec, Refused

COLUMN_LOCK = timedelta(seconds=40)
"""Longer than finding and making a column takes."""


class NoColumn(Exception):
    """Nowhere to put the score for now; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ColumnBusy(Exception):
    """Another worker is making the column."""


class ColumnChanged(Exception):
    """The column has another maximum since the score was claimed: it needs a later timestamp."""


def find_column(order: Order, service: AssignmentAndGrades) -> str:
    """The column's address: found in the LMS, else made there; by one worker at a time."""
    if order.lineitems_url is None:
        raise NoColumn("no_column")
    with unit_of_work():
        known = _lock_column(order.line_item_id)
    if known is not None:
        return known
    url, made = None, False
    try:
        url, made = _find_or_make(order, order.lineitems_url, service)
    finally:
        with unit_of_work():
            values: dict[str, Any] = {"lock_until": None}
            if url is not None:
                values |= {"url": url, "created_by_us": made}
            statement = update(LineItem).where(LineItem.id == order.line_item_id).values(**values)
            execute(statement.execution_options(synchronize_session=False))
    return url


def _lock_column(line_item_id: int) -> str | None:
    """The address when somebody has found it meanwhile; else the right to look for it. Raises ColumnBusy."""
    now = utcnow()
    free = or_(LineItem.lock_until.is_(None), LineItem.lock_until < now)
    statement = update(LineItem).where(LineItem.id == line_item_id, LineItem.url.is_(None), free)
    taken = execute(
        statement.values(lock_until=now + COLUMN_LOCK).execution_options(synchronize_session=False)
    ).rowcount
    if taken:
        return None
    known = db.session.scalar(select(LineItem.url).where(LineItem.id == line_item_id))
    if known is None:
        raise ColumnBusy
    return known


def _find_or_make(order: Order, lineitems_url: str, service: AssignmentAndGrades) -> tuple[str, bool]:
    if order.resource_link_lms_id is not None:
        found = service.find(lineitems_url, resource_id=order.resource_id, resource_link_id=order.resource_link_lms_id)
        if found:
            return found[0].url, False
    found = service.find(lineitems_url, resource_id=order.resource_id)
    if found:
        return found[0].url, False
    if SCOPE_LINE_ITEM not in order.scopes:
        raise NoColumn("no_column")
    spec = LineItemSpec(label=order.label, score_maximum=order.maximum, resource_id=order.resource_id)
    return service.create(lineitems_url, spec).url, True


def fit_column(order: Order, service: AssignmentAndGrades, url: str, maximum: float) -> None:
    """Give the column this maximum, and note whether the LMS took it. Raises ServiceError when it may take it later.

    Raises ColumnChanged once that is done, also by a score claimed before this one. Where the LMS keeps its own maximum, it
    converts each score to it.
    """
    with unit_of_work():
        fit = db.session.scalar(select(LineItem.fit).where(LineItem.id == order.line_item_id))
    if fit:
        raise ColumnChanged
    if SCOPE_LINE_ITEM not in order.scopes:
        _note_fit(order, maximum, fit=KEPT)
        return
    try:
        if service.read(url).score_maximum == maximum:
            _note_fit(order, maximum, fit=FITS, score_maximum=maximum)
            return
        changed_at = service.update(url, score_maximum=maximum).changed_at
    except Refused as refused:
        if refused.status == 404:
            raise
        _note_fit(order, maximum, fit=KEPT)
        return
    now = utcnow()
    _note_fit(order, maximum, fit=FITS, score_maximum=maximum, fitted_at=max(now, changed_at or now))
    raise ColumnChanged


def _note_fit(order: Order, maximum: float, **values: Any) -> None:
    """Unless another maximum was agreed meanwhile."""
    same = (LineItem.id == order.line_item_id) & (LineItem.agreed_maximum == maximum)
    with unit_of_work():
        execute(update(LineItem).where(same).values(**values).execution_options(synchronize_session=False))
