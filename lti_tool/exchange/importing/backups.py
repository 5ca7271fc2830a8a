"""Moodle backups (.mbz): the list of files, but never anything that pupils or their teachers made in the course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lti_tool.exchange.importing.items import MOST_ENTRIES, Contents, Item, Member, Refused
from lti_tool.exchange.importing.markup import MOST_XML, parse
from lti_tool.exchange.importing.packages import Package
from lti_tool.exchange.licences import LICENCES

BACKUP = "moodle_backup.xml"
MOST_LIST = 2 * MOST_XML
"""Bytes of the list of files: it tells more of each than a manifest does."""
MATERIAL = {
    "mod_resource": ("content",),
    "mod_folder": ("content",),
    "mod_page": ("content",),
    "mod_book": ("chapter",),
    "mod_imscp": ("backup", "content"),
    "mod_scorm": ("package",),
    "mod_h5pactivity": ("package",),
    "mod_assign": ("introattachment",),
    "contentbank": ("public",),
    "course": ("overviewfiles", "section", "summary"),
}
"""Areas that teachers fill. What stands anywhere else may be somebody's work, and is never read."""
_INTRO = "intro"


def read_backup(package: Package) -> Contents:
    """The teachers' files of a course. Raises Refused for a backup whose lists cannot be read."""
    about = parse(package.read(BACKUP))
    listed = parse(package.read("files.xml", MOST_LIST), MOST_LIST)
    title = about.findtext("{*}information/{*}original_course_fullname") or ""
    rows = [row for row in listed.iterfind("{*}file") if _told(row, "filename") not in ("", ".")]
    if len(rows) > MOST_ENTRIES:
        raise Refused("too_many")
    return Contents(" ".join(title.split())[:200], len(rows), _items(package, rows))


def _told(row: Any, name: str) -> str:
    return (row.findtext(name) or "").strip()


def _items(package: Package, rows: list[Any]) -> Iterator[Item]:
    brought: dict[str, int] = {}
    for number, row in enumerate(rows):
        component, area, name = _told(row, "component"), _told(row, "filearea"), _told(row, "filename")
        place = f"{component}/{area}{_told(row, 'filepath')}"
        if area != _INTRO and area not in MATERIAL.get(component, ()):
            yield Item("–", f"{component}/{area}", refusal="personal")
            continue
        digest = _told(row, "contenthash")
        path = f"files/{digest[:2]}/{digest}"
        refusal = "" if path in package.members else package.refused.get(path, "missing")
        if (first := brought.setdefault(path, number)) != number:
            yield Item(name, place, again=first)
            continue
        licence = _licence(_told(row, "license"))
        yield Item(name, place, licence=licence, members=(Member(path, name),), refusal=refusal)


def _licence(told: str) -> str:
    """Moodle's short name of a licence in ours."""
    bare = told.removesuffix("-4.0").removeprefix("cc").strip("-")
    code = f"cc-by-{bare}".rstrip("-") if told.startswith("cc") else ""
    return code if code in LICENCES else ""
