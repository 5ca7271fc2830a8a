"""Reads of organizations that several callers need."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from lti_tool.core.db import db
from lti_tool.organizations.models import Organization


def found_by(search: str) -> ColumnElement[bool]:
    """Organizations with `search` in their name, city or department, in any case and with ё as е, or as number."""
    wanted = search.strip().lower().replace("ё", "е")
    columns = (Organization.name, Organization.city, Organization.department)
    matches = [func.replace(func.lower(each), "ё", "е").contains(wanted, autoescape=True) for each in columns]
    if wanted.isdecimal() and len(wanted) < 10:
        matches.append(Organization.id == int(wanted))
    return or_(*matches)


def all_organizations() -> Sequence[Organization]:
    """Every organization in the order they were added."""
    return db.session.scalars(select(Organization).order_by(Organization.id)).all()
