"""Lists of links as tables (CSV): a line for each, with or without a line of headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from lti_tool.exchange.importing.items import MOST_ENTRIES, Item, Refused, licence_in, web_address
from lti_tool.exchange.importing.markup import decoded
from lti_tool.exchange.models import LINK

HEADINGS = {
    "url": ("url", "link", "address", "адрес", "ссылка"),
    "title": ("title", "name", "название", "заголовок", "имя"),
    "summary": ("description", "summary", "описание", "о чём", "о чем"),
    "keywords": ("keywords", "tags", "ключевые слова", "метки"),
    "licence": ("licence", "license", "лицензия"),
}
"""Names of columns, in either language."""
_PLAIN = ("url", "title", "summary", "keywords", "licence")
"""The order of columns without headings."""


def read_links(content: bytes) -> list[Item]:
    """Entries of a list. Raises Refused: encoding, not_list, too_many."""
    try:
        text = decoded(content)
    except Refused:
        text = decoded(content, "windows-1251")
    lines = text.removeprefix("\ufeff").replace("\0", "").splitlines()
    sample = "\n".join(lines[:20])
    delimiter = max(";,\t", key=sample.count)
    try:
        rows = [
            row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error:
        raise Refused("not_list") from None
    if not rows:
        raise Refused("empty")
    columns = _columns(rows[0])
    rows = rows[1:] if columns else rows
    if len(rows) > MOST_ENTRIES:
        raise Refused("too_many")
    return list(_items(rows, columns or dict(enumerate(_PLAIN))))


def _columns(first: list[str]) -> dict[int, str]:
    """What each column is, by the line of headings; nothing when the first line is none."""
    found: dict[int, str] = {}
    for place, heading in enumerate(first):
        wanted = heading.strip().lower()
        name = next((name for name, known in HEADINGS.items() if wanted in known), "")
        if name and name not in found.values():
            found[place] = name
    return found if "url" in found.values() else {}


def _items(rows: list[list[str]], columns: dict[int, str]) -> Iterator[Item]:
    for number, row in enumerate(rows, 1):
        told = {columns[place]: " ".join(value.split()) for place, value in enumerate(row) if place in columns}
        written = told.get("url", "")
        try:
            address = web_address(written)
        except Refused as refused:
            yield Item((told.get("title") or written or f"№ {number}")[:200], written[:300], refusal=refused.code)
            continue
        words = told.get("keywords", "").replace(";", ",").split(",")
        yield Item(
            (told.get("title") or address)[:200],
            address[:300],
            kind=LINK,
            url=address,
            summary=told.get("summary", "")[:5000],
            keywords=tuple(dict.fromkeys(each.strip()[:60] for each in words if each.strip()))[:30],
            licence=licence_in(told.get("licence", "")),
        )
