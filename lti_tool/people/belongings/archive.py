"""The copy of everything about a person: one ZIP with a page to read, the same as JSON, and the files handed in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import current_app, render_template
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from lti_tool.core.db import utcnow
from lti_tool.core.storage import clean_name, current_storage
from lti_tool.people.belongings.registry import Belonging, Subject, tell
from lti_tool.people.belongings.wording import SAME

FORMAT = 1
"""Counts up when the meaning of data.json changes."""
MOST_ON_THE_PAGE = 1000
"""Rows of one kind on the page; data.json has all."""
INTERNAL = "file_key"
"""Column that finds a file in the storage: told to nobody."""


@dataclass(frozen=True)
class Section:
    """Rows of one kind, as values that outlive the transaction."""

    belonging: Belonging
    rows: list[dict[str, Any]]
    files: Sequence[tuple[str, str]]
    """(key in the storage, path in the ZIP)."""


def read(subject: Subject) -> list[Section]:
    """Everything that is kept about a person; a file that several rows tell of is there once."""
    paths: dict[str, str] = {}
    return [_section(each, rows, paths) for each, rows in tell(subject) if rows]


def _section(belonging: Belonging, rows: list[dict[str, Any]], paths: dict[str, str]) -> Section:
    files: list[tuple[str, str]] = []
    for number, row in enumerate(rows, start=1):
        key = row.pop(INTERNAL, "")
        if key and key not in paths:
            paths[key] = f"files/{belonging.table.name}-{number:04d} {clean_name(str(row.get('name', '')))}"
            files.append((key, paths[key]))
        if key:
            row["file"] = paths[key]
    return Section(belonging, rows, files)


def write(sections: Sequence[Section], subject: Subject, target: BinaryIO, *, locale: str, time_zone: str) -> None:
    """Put sections into a ZIP. A file that the storage has lost is named on the page and left out."""
    made_at = utcnow()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        lost = {path for section in sections for key, path in section.files if not _copy(archive, key, path)}
        with force_locale(locale):
            page = render_template(
                "people/belongings/archive.html",
                sections=sections,
                said=lambda section, name, value: said(section.belonging, name, value, time_zone),
                made_at=said(None, "", made_at, time_zone),
                lost=lost,
                most=MOST_ON_THE_PAGE,
                language=locale,
            )
        archive.writestr("index.html", page)
        archive.writestr("style.css", (Path(current_app.static_folder or "") / "css" / "copy.css").read_text())
        archive.writestr("data.json", _json(sections, subject, made_at, lost))


def _copy(archive: zipfile.ZipFile, key: str, path: str) -> bool:
    try:
        pieces = current_storage().read(key)
    except FileNotFoundError:
        return False
    with archive.open(path, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
    return True


def _json(sections: Sequence[Section], subject: Subject, made_at: datetime, lost: set[str]) -> str:
    told = {each.belonging.table.name: each.rows for each in sections}
    facts = {"format": FORMAT, "made_at": made_at, "person": subject.person_id, "lost_files": sorted(lost)}
    return json.dumps({**facts, "data": told}, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def said(belonging: Belonging | None, name: str, value: Any, time_zone: str) -> str:
    """A value as people read it, in the language in force."""
    if value is None or value == "":
        return ""
    if belonging is not None and name in belonging.said:
        return str(belonging.said[name](value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return str(format_datetime(value, "medium", tzinfo=ZoneInfo(time_zone), locale=get_locale()))
    return _plain_words(name, value)


def _plain_words(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(SAME.get(value, value)) if name in ("state", "role", "status") else str(value)


def told_pages(subject: Subject, limit: int) -> Iterator[tuple[Belonging, list[dict[str, Any]]]]:
    """What is kept, for a page: at most `limit` rows of each kind."""
    for belonging, rows in tell(subject, limit):
        if rows:
            for row in rows:
                row.pop(INTERNAL, None)
            yield belonging, rows
