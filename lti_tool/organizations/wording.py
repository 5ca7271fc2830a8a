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


def type_name(type_: str) -> str:
    """One of models.TYPES in words."""
    return str(TYPE_NAMES.get(type_, type_))
