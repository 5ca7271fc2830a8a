"""Entries of the list of organizations that are probably one organization, written in two ways."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.organizations.models import Organization

_LEGAL_FORMS = frozenset(
    ["мбоу", "гбоу", "маоу", "мкоу", "гоу", "моу", "бюджетное", "казенное", "автономное", "имени", "им", "г", "город"]
)
"""Words that one writes and another leaves out."""
_SAME = {"сош": "школа", "гимн": "гимназия", "school": "школа", "no": "", "n": ""}
"""Other ways of writing a word; nothing: it only announces a number."""


@dataclass(frozen=True)
class Entry:
    """An organization as far as the comparison needs it."""

    id: int
    name: str
    type: str
    city: str


def doubles() -> list[list[Entry]]:
    """Groups of entries with the same name in the same city, the oldest of each first; one statement."""
    columns = (Organization.id, Organization.name, Organization.type, Organization.city)
    statement = select(*columns).where(Organization.archived_at.is_(None)).order_by(Organization.id)
    return alike(Entry(*row) for row in db.session.execute(statement))


def alike(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Those of the entries that share name and city, however they are written."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Entry]] = defaultdict(list)
    for each in entries:
        groups[plain(each.name), plain(each.city)].append(each)
    return [group for (name, _city), group in groups.items() if name and len(group) > 1]


def plain(text: str) -> tuple[str, ...]:
    """The words of a name without case, quotes, №, ё and legal forms, in alphabetical order."""
    folded = text.casefold().replace("ё", "е").replace("№", " ")
    parts = re.findall(r"\d+|[^\W\d_]+", folded)
    words = [_SAME.get(part, part) for part in parts if part not in _LEGAL_FORMS]
    return tuple(sorted(word for word in words if word))
