"""Types of organizations in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TYPE_NAMES: dict[str, Any] = {
    "school": _l("School"),
    "supplementary": _l("Supplementary education"),
    "college": _l("College"),
    "university": _l("University"),
    "enterprise": _l("Enterprise"),
    "ngo": _l("Non-profit organization"),
    "culture": _l("Museum, theatre, library"),
    "other": _l("Other organization"),
}

HAPPENED: dict[str, Any] = {
    "organization.add": _l("Organization added"),
    "organization.change": _l("Organization changed"),
    "organization.archive": _l("Organization archived"),
    "organization.restore": _l("Organization restored"),
    "organization.merge": _l("Organization merged into another"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {"organization": _l("Organization")}


def type_name(type_: str) -> str:
    """One of models.TYPES in words."""
    return str(TYPE_NAMES.get(type_, type_))
