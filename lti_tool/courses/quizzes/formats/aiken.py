"""Aiken: a question, its options with capital letters, and a line that names the right one."""

from __future__ import annotations

import re
from functools import partial

from flask_babel import gettext as _

from lti_tool.courses.quizzes.formats.base import NotTaken, Reading, decoded, escaped
from lti_tool.courses.quizzes.questions import Content, Option, Single

_OPTION = re.compile(r"\s*([A-ZА-Я])[.)]\s*(.*)")
_ANSWER = re.compile(r"\s*(?:ANSWER|ОТВЕТ)\s*:\s*(.*?)\s*", re.IGNORECASE)
_LOOKALIKE = str.maketrans("АВСЕНКМОРТХ", "ABCEHKMOPTX")
"""Cyrillic letters that look like Latin ones: people mix them without seeing it."""


def read(data: bytes) -> Reading:
    """The questions of a file. Raises Unreadable."""
    reading = Reading()
    asked: list[str] = []
    options: list[tuple[str, str]] = []
    for line in decoded(data).split("\n"):
        answer, option = _ANSWER.fullmatch(line), _OPTION.fullmatch(line)
        if answer:
            reading.take("", "", 1.0, partial(_question, tuple(asked), tuple(options), answer[1]), hint=" ".join(asked))
            asked, options = [], []
        elif option and asked:
            options.append((option[1].translate(_LOOKALIKE), option[2]))
        elif line.strip() and options:
            reading.take("", "", 1.0, _without_answer, hint=" ".join(asked))
            asked, options = [line.strip()], []
        elif line.strip():
            asked.append(line.strip())
    if asked:
        reading.take("", "", 1.0, _without_answer, hint=" ".join(asked))
    return reading


def _question(
    asked: tuple[str, ...], options: tuple[tuple[str, str], ...], answer: str, _remarks: list[str]
) -> Content:
    right = answer.strip(" .)").upper().translate(_LOOKALIKE)
    if not asked:
        raise NotTaken(_("There is no question before its answer."))
    if right not in [letter for letter, _text in options]:
        raise NotTaken(_("The line of the answer names none of the options."))
    found = tuple(Option(text=escaped(text.strip()), right=letter == right) for letter, text in options)
    return Single(text=escaped("\n".join(asked)), options=found)


def _without_answer(_remarks: list[str]) -> Content:
    raise NotTaken(_("There is no line with the right answer."))
