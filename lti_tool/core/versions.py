"""Two people, or two tabs, on one thing: a change is made from the version that was seen, or refused with both kept."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from lti_tool.core.db import LAST_KEY, db, execute
from lti_tool.core.errors import Conflict


class Outdated(Conflict):
    """The thing has a newer version than the one the change was made from. Nothing was changed."""

    message = _l("Someone, or you in another tab, changed this meanwhile. Nothing was overwritten.")
    todo = (_l("Compare the two versions, then save again."),)


def change(row: Any, seen: int, **values: Any) -> bool:
    """Give the row these values and the next version; False when it has them already. Raises Outdated.

    Sending the same form twice is no conflict.
    """
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    step(row, seen, **values)
    return True


def step(row: Any, seen: int, **values: Any) -> None:
    """Take the row from version `seen` to the next, with these values. Raises Outdated."""
    model = type(row)
    statement = (
        update(model)
        .where(model.id == row.id, model.version == seen)
        .values(version=seen + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if not 0 <= seen < LAST_KEY or execute(statement).rowcount == 0:
        db.session.refresh(row)
        raise Outdated
    for name, value in {"version": seen + 1, **values}.items():
        setattr(row, name, value)
