"""Reads of organizations that several callers need."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select

from lti_tool.core.db import db
from lti_tool.organizations.models import Organization


def organizations(search: str = "") -> Select[tuple[Organization]]:
    """Organizations by name; `search` is a part of the name, city or department in any case, or a number."""
    statement = select(Organization).where(Organization.archived_at.is_(None))
    wanted = search.strip()
    if wanted:
        # SQLite's own lower() knows only Latin letters: ask for the usual ways of writing as well
        ways = {wanted, wanted.lower(), wanted.capitalize(), wanted.title(), wanted.upper()}
        columns = (Organization.name, Organization.city, Organization.department)
        matches = [column.contains(way, autoescape=True) for column in columns for way in sorted(ways)]
        matches += [func.lower(column).contains(wanted.lower(), autoescape=True) for column in columns]
        if wanted.isdecimal() and len(wanted) < 10:
            matches.append(Organization.id == int(wanted))
        statement = statement.where(or_(*matches))
    return statement.order_by(Organization.name, Organization.id)


def all_organizations() -> Sequence[Organization]:
    """Every organization in the order they were added."""
    return db.session.scalars(select(Organization).order_by(Organization.id)).all()
