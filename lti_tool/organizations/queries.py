"""Reads of organizations that several callers need."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from lti_tool.core.db import db
from lti_tool.core.finding import says
from lti_tool.organizations.models import Organization


def found_by(search: str) -> ColumnElement[bool]:
    """Organizations with `search` in their name, city or department, in any case and with ё as е, or as number."""
    wanted = search.strip()
    found = says(wanted, Organization.name, Organization.city, Organization.department)
    return or_(found, Organization.id == int(wanted)) if wanted.isdecimal() and len(wanted) < 10 else found


def all_organizations() -> Sequence[Organization]:
    """Every organization in the order they were added."""
    return db.session.scalars(select(Organization).order_by(Organization.id)).all()
