"""Words of the audit trail for files, and what a person is told of one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.files.kinds import ANYTHING, KINDS

HAPPENED: dict[str, Any] = {
    "file.keep": _l("File added"),
    "file.remove": _l("File removed"),
    "file.infected": _l("Virus found in a file"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {"file": _l("File")}


def file_size(size: int) -> str:
    """Bytes for people."""
    if size < 1024 * 1024:
        return str(_("%(number)d KB", number=max(1, round(size / 1024))))
    if size < 1024**3:
        return str(_("%(number)s MB", number=format_decimal(round(size / 1024**2, 1))))
    return str(_("%(number)s GB", number=format_decimal(round(size / 1024**3, 1))))


def allowed(kinds: Collection[str]) -> str:
    """The sets a page takes, as the end of a sentence."""
    return ", ".join(str(KINDS[kind]) for kind in kinds or (ANYTHING,))
