"""Links of a copied LMS course: what a link names may have a copy for the new year, which the class takes part in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.orm import aliased

from lti_tool.core.db import db, is_key
from lti_tool.courses.models import ACTIVE, Activity, Participation, SharedCourse
from lti_tool.courses.queries.paths import CONTENT

YEARS = 10
"""Copies of copies that are looked through."""


def here_instead(context_id: int, content: str) -> str:
    """The content id that takes this one's place in the context; the same unless the class takes part in a later copy
    of the course, and not in that course itself. One statement, none for what is no course's."""
    found = CONTENT.fullmatch(content)
    if found is None or not is_key(int(found[2])):
        return content
    model: Any = SharedCourse if found[1] == "course" else Activity
    newest = db.session.execute(_copies(model, int(found[2]), context_id)).first()
    return f"{found[1]}:{newest.id}" if newest is not None else content


def _copies(model: Any, ident: int, context_id: int) -> Select[Any]:
    """The thing itself and copies of it, as far as the class takes part in their courses; the nearest first."""
    line = select(model.id, literal(0).label("years")).where(model.id == ident).cte("line", recursive=True)
    copy = aliased(model)
    line = line.union_all(
        select(copy.id, line.c.years + 1).join(line, copy.origin_id == line.c.id).where(line.c.years < YEARS)
    )
    course_id = model.id if model is SharedCourse else model.course_id
    return (
        select(model.id)
        .join(line, line.c.id == model.id)
        .join(Participation, Participation.course_id == course_id)
        .where(Participation.context_id == context_id, Participation.state == ACTIVE)
        .order_by(line.c.years, model.id.desc())
        .limit(1)
    )
