"""Files of questions: Moodle XML in both directions, GIFT and Aiken read."""

from __future__ import annotations

from collections.abc import Callable

from lti_tool.courses.quizzes.formats import aiken, gift, moodle
from lti_tool.courses.quizzes.formats.base import MAX_FILE_BYTES, Line, Picture, Reading, Unreadable
from lti_tool.courses.quizzes.formats.export import Exported, write

FORMATS: dict[str, Callable[[bytes], Reading]] = {"moodle": moodle.read, "gift": gift.read, "aiken": aiken.read}


def guess(name: str, data: bytes) -> str:
    """The format of a file by its content, and by its name where that says nothing."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") or name.lower().endswith(".xml"):
        return "moodle"
    upper = data[: 1024 * 1024].upper()
    if b"ANSWER:" in upper or "ОТВЕТ:".encode() in data[: 1024 * 1024].decode("utf-8", "replace").upper().encode():
        return "aiken"
    return "gift"


__all__ = ["FORMATS", "MAX_FILE_BYTES", "Exported", "Line", "Picture", "Reading", "Unreadable", "guess", "write"]
