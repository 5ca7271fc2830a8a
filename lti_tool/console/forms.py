"""What an operator chooses on the console: filters from the address, marked rows of lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _

from lti_tool.console.queries import organizations as listed
from lti_tool.console.queries import registrations as by_health
from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid
from lti_tool.organizations.models import TYPES
from lti_tool.platforms.models import ACTIVE, PENDING, SUSPENDED

AT_ONCE = 100
"""Rows that may be marked at once: a page of them."""
LONGEST_QUIET = 3650


def one_of(name: str, choices: Collection[str], otherwise: str = "") -> str:
    """A value of the address, when it is one of the choices."""
    value = request.args.get(name, "")
    return value if value in choices else otherwise


def text(name: str) -> str:
    """A text of the address."""
    return request.args.get(name, "")[:200]


def organizations_wanted() -> listed.Wanted:
    return listed.Wanted(
        search=text("search"),
        type=one_of("type", TYPES),
        department=text("department"),
        city=text("city"),
        lms=one_of("lms", (listed.WITH_LMS, listed.WITHOUT_LMS)),
        state=one_of("state", (listed.ARCHIVED,), listed.WORKING),
        sort=one_of("sort", listed.SORTS, "name"),
    )


def registrations_wanted() -> by_health.Wanted:
    days = request.args.get("quiet_days", 0, type=int)
    return by_health.Wanted(
        search=text("search"),
        state=one_of("state", (PENDING, ACTIVE, SUSPENDED)),
        verdict=one_of("verdict", by_health.VERDICTS),
        trouble=one_of("trouble", by_health.TROUBLES),
        quiet_days=min(max(days, 0), LONGEST_QUIET),
        product=text("product"),
    )


def in_address(values: Mapping[str, object]) -> dict[str, Any]:
    """The filters that are set, for the addresses of the other pages."""
    return {name: value for name, value in values.items() if value}


def marked(name: str) -> list[int]:
    """Ids of the rows that were marked. Raises Invalid when there are none, or more than a page of them."""
    ids = sorted(set(request.form.getlist(name, type=as_key)))
    if not ids:
        raise Invalid({name: _("Mark at least one line first.")})
    if len(ids) > AT_ONCE:
        raise Invalid({name: _("Mark at most %(limit)d lines at once.", limit=AT_ONCE)})
    return ids
