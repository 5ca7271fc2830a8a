"""Imports in words: sources, outcomes, and why something was not taken."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from lti_tool.exchange.importing.items import MOST_ENTRIES
from lti_tool.exchange.importing.models import (
    ADDRESS,
    DESCRIPTIONS,
    DONE,
    DOUBLE,
    FAILED,
    FILES,
    IMPORTED,
    LINKS,
    PACKAGE,
    REFUSED,
    RUNNING,
    UNDONE,
    WAITING,
)
from lti_tool.exchange.importing.packages import MOST_STORED
from lti_tool.exchange.operations.publishing import MOST_FILES
from lti_tool.files.inspection import FAULTS as FILE_FAULTS

SOURCES: dict[str, tuple[str, Any, Any]] = {
    PACKAGE: (
        "box-seam",
        _l("A course package"),
        _l("Common Cartridge (.imscc) or a Moodle backup (.mbz). Pupils' work in a backup is never read."),
    ),
    FILES: ("files", _l("Many files"), _l("Each file becomes a resource of its own.")),
    LINKS: (
        "table",
        _l("A list of links"),
        _l("A table saved as CSV: address, title, description, keywords, licence."),
    ),
    DESCRIPTIONS: ("filetype-xml", _l("Descriptions from a catalogue"), _l("LOM files (XML) about pages on the web.")),
    ADDRESS: ("globe", _l("One address"), _l("A page becomes a link with its title; a file is fetched.")),
}
"""Icon, name, explanation."""
STATES: dict[str, tuple[str, Any]] = {
    WAITING: ("secondary", _lp("import", "waiting")),
    RUNNING: ("info", _lp("import", "under way")),
    DONE: ("success", _lp("import", "done")),
    FAILED: ("danger", _lp("import", "nothing could be read")),
    UNDONE: ("secondary", _lp("import", "undone")),
}
OUTCOMES: dict[str, tuple[str, Any]] = {
    IMPORTED: ("success", _lp("entry", "imported")),
    DOUBLE: ("info", _lp("entry", "there already")),
    REFUSED: ("warning", _lp("entry", "not taken")),
}
REASONS: dict[str, Any] = {
    "path": _l("Its path leads out of the package."),
    "symlink": _l("It is no file but a pointer to another place."),
    "missing": _l("The package names it, but it is not in it."),
    "too_large": _l("It is too large."),
    "full": _l(
        "The import has brought in %(limit)d GB already, as much as one may. Bring the rest in by another one.",
        limit=MOST_STORED // 1024**3,
    ),
    "too_many_files": _l("It has more than %(limit)d files.", limit=MOST_FILES),
    "quiz": _l("It is a test: bring it into the question bank of a course."),
    "lti": _l("It is a link to another tool, which works only in the course it comes from."),
    "kind": _l("Things of this kind cannot be taken."),
    "personal": _l("It may be somebody's work or message: such things are never read."),
    "address": _l("There is no usable address of the web (https://…)."),
    "untitled": _l("It has no title."),
    "empty": _l("There is nothing in it."),
    "doctype": _l("Its XML has a document type, which may do harm. Have it saved without one."),
    "not_xml": _l("It is no XML, or it is damaged."),
    "encoding": _l("Its letters are in an encoding that is not known. Save it as UTF-8."),
    "virus": _l("A virus was found in it."),
    "gone": _l("The file is no longer there."),
    **{code: _l("It cannot be taken: %(reason)s.", reason=reason) for code, reason in FILE_FAULTS.items()},
}
"""Why an entry was not taken."""
FAULTS: dict[str, Any] = {
    **REASONS,
    "not_package": _l("This is neither a Common Cartridge nor a Moodle backup."),
    "not_lom": _l("There is no LOM description in it."),
    "not_list": _l("This is no table. Save the list as CSV."),
    "too_many": _l("There is too much in it: at most %(limit)d entries. Bring it in parts.", limit=MOST_ENTRIES),
    "failed": _l("It was tried several times and never ended well. Tell your administrator."),
    "unreachable": _l("The address could not be reached."),
    "blocked": _l("This address is not on the public web."),
    "no_tls": _l("This address begins with http, not https: nothing is fetched over an open connection."),
    "not_found": _l("There is nothing at this address."),
}
"""Why nothing at all was read."""
HAPPENED: dict[str, Any] = {
    "import.begin": _l("Import into the exchange begun"),
    "import.finish": _l("Import into the exchange ended"),
    "import.undo": _l("Import into the exchange undone"),
}
THINGS: dict[str, Any] = {"import": _l("Import into the exchange")}
