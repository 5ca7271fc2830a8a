"""What this feature holds about a person: grades on their way to the LMS, and differences found there."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.db import run
from lti_tool.grades.models import DELIVERED, SUPERSEDED, LineItem, Score
from lti_tool.grades.reconciliation.models import Difference
from lti_tool.people.belongings import queries
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import Subject, holds, mentions

_COLUMN = _l("Column of the gradebook")


def register() -> None:
    """Tell what is held."""
    holds(
        Difference.identity_id,
        _l("Differences from the LMS's gradebook"),
        told=select(_label(Difference.line_item_id), Difference.our_score, Difference.our_maximum).add_columns(
            Difference.their_score, Difference.their_maximum, Difference.first_seen_at
        ),
        words={
            "column": _COLUMN,
            "our_score": _l("Here"),
            "our_maximum": _l("out of"),
            "their_score": _l("In the LMS"),
            "their_maximum": _l("out of"),
            "first_seen_at": _l("Seen"),
        },
    )
    holds(
        Score.identity_id,
        _l("Grades delivered, or on their way, to the LMS"),
        told=select(_label(Score.line_item_id), Score.given, Score.maximum, Score.comment).add_columns(
            Score.graded_at, Score.delivered_at
        ),
        words={
            "column": _COLUMN,
            "given": _l("Points"),
            "maximum": _l("out of"),
            "comment": _l("Comment"),
            "graded_at": _l("Graded"),
            "delivered_at": _l("Delivered"),
        },
    )
    mentions(Difference.decided_by_id, _l("Differences in gradebooks the person decided"), ACTS)
    queries.warn(on_the_way)


def on_the_way(subject: Subject) -> list[Any]:
    """Grades that have not arrived: erasing cancels them."""
    waiting = select(func.count()).select_from(Score)
    waiting = waiting.where(Score.identity_id.in_(subject.identity_ids), Score.state.not_in((DELIVERED, SUPERSEDED)))
    count = run(waiting).scalar_one()
    if not count:
        return []
    return [
        ngettext(
            "%(num)d grade has not arrived in your LMS yet: it is cancelled. If it should count, wait until it is there.",
            "%(num)d grades have not arrived in your LMS yet: they are cancelled. If they should count, wait until they "
            "are there.",
            count,
        )
    ]


def _label(column: InstrumentedAttribute[int]) -> ColumnElement[str]:
    return select(LineItem.label).where(LineItem.id == column).scalar_subquery().label("column")
