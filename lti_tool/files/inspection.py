"""A look inside a file that has just arrived: its type, its digest, and what may be wrong with it."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l

from lti_tool.core.storage import CHUNK, current_storage
from lti_tool.files import kinds

MOST_MEMBERS = 20_000
"""Files inside one archive."""
MOST_UNPACKED = 2 * 1024**3
"""Bytes of everything inside, unpacked."""
MOST_RATIO = 200
"""How many times larger a whole archive may become; text compresses well, but not like that."""
RATIO_MATTERS = 50 * 1024**2
"""Bytes unpacked below which nobody minds the ratio."""
BOMB, LOCKED, BROKEN, MISMATCH = "bomb", "locked", "broken", "mismatch"
FAULTS: dict[str, Any] = {
    BOMB: _l("it would become far too large when it is unpacked"),
    LOCKED: _l("it is protected by a password"),
    BROKEN: _l("it is damaged and cannot be opened"),
    MISMATCH: _l("its content is not what its name says"),
}
"""Why a feature that looks inside refuses a file; the end of a sentence."""
_SAME_INSIDE = {
    kinds.OLE: (".doc", ".xls", ".ppt", ".msg", ".vsd", ".pub", ".mpp"),
    "application/gzip": (".gz", ".tgz", ".svgz"),
    "video/webm": (".webm", ".mkv", ".mka"),
    "audio/ogg": (".ogg", ".oga", ".opus", ".ogv"),
    **dict.fromkeys(("video/mp4", "audio/mp4", "video/quicktime"), (".mp4", ".m4v", ".mov", ".m4a", ".m4b", ".3gp")),
}
_NAMED = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jfif", ".jpe"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", ".docm", ".dotx"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx", ".xlsm", ".xltx"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx", ".pptm", ".ppsx", ".potx"),
    **_SAME_INSIDE,
}
_CLAIMED = {ending for endings in _NAMED.values() for ending in endings}


@dataclass(frozen=True)
class Facts:
    """What is known of a file's content."""

    size: int
    sha256: str
    media_type: str
    fault: str


def examine(key: str, name: str) -> Facts:
    """Read a stored file once through. Raises FileNotFoundError."""
    with current_storage().open(key) as file:
        media_type = kinds.detect(file, name)
        size, digest = _digest(file)
        return Facts(size, digest, media_type, _fault(file, name, media_type))


def _digest(file: BinaryIO) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    file.seek(0)
    while piece := file.read(CHUNK):
        size += len(piece)
        digest.update(piece)
    return size, digest.hexdigest()


def _fault(file: BinaryIO, name: str, media_type: str) -> str:
    if _lies(name, media_type):
        return MISMATCH
    file.seek(0)
    return _archive_fault(file) if file.read(4) == b"PK\x03\x04" else ""


def _lies(name: str, media_type: str) -> bool:
    """Does the name end in what another type ends in? Endings nobody knows say nothing."""
    ending = PurePosixPath(name).suffix.lower()
    if ending not in _CLAIMED:
        return False
    return ending not in _NAMED.get(kinds.bare(media_type), ())


def _archive_fault(file: BinaryIO) -> str:
    """From the archive's table of contents alone: nothing is unpacked. What unpacks it later stops at the sizes
    declared there."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return BROKEN
    unpacked, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        return BOMB
    if unpacked > RATIO_MATTERS and unpacked > MOST_RATIO * max(packed, 1):
        return BOMB
    return LOCKED if any(one.flag_bits & 1 for one in members) else ""
