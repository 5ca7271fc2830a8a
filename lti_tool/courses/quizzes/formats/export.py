"""Moodle XML, written, so that Moodle and this tool can read it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from lti_tool.courses.quizzes.formats import cloze
from lti_tool.courses.quizzes.formats.base import Picture
from lti_tool.courses.quizzes.questions import (
    Content,
    Essay,
    Gaps,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortAnswer,
    Single,
    TrueFalse,
)
from lti_tool.courses.quizzes.questions.gaps import GAP, read_gap
from lti_tool.courses.quizzes.questions.numeric import plain
from lti_tool.courses.quizzes.texts import pictures_in, render

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_ILLEGAL = re.compile("[^\\t\\n\\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Exported:
    """A question to write."""

    name: str
    pool: str
    points: float
    content: Content


def write(questions: Iterable[Exported], picture: Callable[[int], Picture | None]) -> bytes:
    """The file. `picture` fetches a picture by its id."""
    root = etree.Element("quiz")
    pool = None
    for question in questions:
        if question.pool != pool:
            pool = question.pool
            category = etree.SubElement(root, "question", type="category")
            place = f"$course$/top/{pool.replace('/', '//')}" if pool else "$course$/top"
            _text(etree.SubElement(category, "category"), place)
        _Writer(root, question, picture).write()
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _text(parent: Any, words: str) -> Any:
    element = etree.SubElement(parent, "text")
    element.text = _ILLEGAL.sub("", words)
    return element


class _Writer:
    """Writes one <question>."""

    def __init__(self, root: Any, question: Exported, picture: Callable[[int], Picture | None]) -> None:
        self.question, self.picture = question, picture
        self.content: Any = question.content
        self.element = etree.SubElement(root, "question", type=_TYPES[question.content.kind])

    def write(self) -> None:
        _text(self._add("name"), self.question.name)
        self._html(self.element, "questiontext", self.content.text)
        self._html(self.element, "generalfeedback", self.content.feedback)
        self._plain("defaultgrade", f"{self.question.points:.7f}")
        self._plain("penalty", "0.0000000")
        self._plain("hidden", "0")
        _WRITERS[type(self.content)](self)

    def _add(self, name: str) -> Any:
        return etree.SubElement(self.element, name)

    def _plain(self, name: str, words: str) -> None:
        self._add(name).text = words

    def _html(self, parent: Any, name: str, words: str, **attributes: str) -> Any:
        element = etree.SubElement(parent, name, {"format": "html", **attributes})
        gaps = isinstance(self.content, Gaps) and name == "questiontext"
        _text(element, _gaps_as_codes(words) if gaps else _as_html(words))
        for number in sorted(pictures_in(words)):
            found = self.picture(number)
            if found is not None:
                file = etree.SubElement(element, "file", name=_file_name(number, found), path="/", encoding="base64")
                file.text = base64.b64encode(found.data).decode()
        _name_pictures(element, words, self.picture)
        return element

    def _answer(self, share: float, words: str, feedback: str, *, plain_text: bool = False) -> Any:
        attributes = {"fraction": f"{share:.5f}".rstrip("0").rstrip(".")}
        if plain_text:
            answer = etree.SubElement(self.element, "answer", {"format": "moodle_auto_format", **attributes})
            _text(answer, words)
        else:
            answer = self._html(self.element, "answer", words, **attributes)
        self._html(answer, "feedback", feedback)
        return answer

    def choice(self) -> None:
        self._plain("single", "true" if isinstance(self.content, Single) else "false")
        self._plain("shuffleanswers", "true" if self.content.shuffle else "false")
        self._plain("answernumbering", "none")
        for option in self.content.options:
            self._answer(self.content.share_of(option), option.text, option.feedback)

    def multiple(self) -> None:
        if not self.content.exact:
            self.choice()
            return
        self.element.set("type", "multichoiceset")
        self._plain("shuffleanswers", "true" if self.content.shuffle else "false")
        self._plain("answernumbering", "none")
        for option in self.content.options:
            self._answer(100.0 * self.content.is_right(option), option.text, option.feedback)

    def true_false(self) -> None:
        self._answer(100.0 * self.content.true, "true", self.content.if_true, plain_text=True)
        self._answer(100.0 * (not self.content.true), "false", self.content.if_false, plain_text=True)

    def short(self) -> None:
        self._plain("usecase", "1" if self.content.case else "0")
        for each in self.content.accepted:
            self._answer(each.share, each.text, each.feedback, plain_text=True)

    def numeric(self) -> None:
        for each in self.content.accepted:
            answer = self._answer(each.share, plain(each.value), each.feedback, plain_text=True)
            etree.SubElement(answer, "tolerance").text = plain(each.tolerance)
        self._plain("unitgradingtype", "1" if self.content.unit_needed else "0")
        self._plain("unitpenalty", "1.0000000" if self.content.unit_needed else "0.1000000")
        self._plain("showunits", "0" if self.content.units else "3")
        units = self._add("units")
        for unit in self.content.units:
            element = etree.SubElement(units, "unit")
            etree.SubElement(element, "multiplier").text = f"{1 / unit.factor:.20g}"
            etree.SubElement(element, "unit_name").text = _ILLEGAL.sub("", unit.name)

    def matching(self) -> None:
        self._plain("shuffleanswers", "true" if self.content.shuffle else "false")
        for pair in self.content.pairs:
            self._sub(pair.left, pair.right)
        for extra in self.content.extra:
            self._sub("", extra)

    def _sub(self, left: str, right: str) -> None:
        _text(etree.SubElement(self._html(self.element, "subquestion", left), "answer"), right)

    def ordering(self) -> None:
        self._plain("layouttype", "VERTICAL")
        self._plain("selecttype", "ALL")
        self._plain("selectcount", "0")
        self._plain("gradingtype", "ALL_OR_NOTHING" if self.content.exact else "ABSOLUTE_POSITION")
        for number, item in enumerate(self.content.items, start=1):
            self._answer(float(number), item, "")

    def gaps(self) -> None:
        """The codes in the text say everything."""

    def essay(self) -> None:
        self._plain("responseformat", "plain")
        self._plain("responserequired", "1")
        self._plain("responsefieldlines", str(self.content.lines))
        self._plain("attachments", "0")
        self._html(self.element, "graderinfo", self.content.notes_for_marking)


_TYPES = {
    "single": "multichoice",
    "multiple": "multichoice",
    "truefalse": "truefalse",
    "short": "shortanswer",
    "numeric": "numerical",
    "matching": "matching",
    "ordering": "ordering",
    "gaps": "cloze",
    "essay": "essay",
}
_WRITERS: dict[type[Content], Callable[[_Writer], None]] = {
    Single: _Writer.choice,
    Multiple: _Writer.multiple,
    TrueFalse: _Writer.true_false,
    ShortAnswer: _Writer.short,
    Numeric: _Writer.numeric,
    Matching: _Writer.matching,
    Ordering: _Writer.ordering,
    Gaps: _Writer.gaps,
    Essay: _Writer.essay,
}


def _as_html(words: str) -> str:
    return str(render(words, lambda number: f"@@PLUGINFILE@@/picture-{number}", tex=True)).strip()


def _gaps_as_codes(words: str) -> str:
    gaps = [read_gap(found[1]) for found in GAP.finditer(words)]
    numbers = iter(range(len(gaps)))
    html = _as_html(GAP.sub(lambda _found: cloze.gap_sign(next(numbers)), words))
    for number, gap in enumerate(gaps):
        html = html.replace(cloze.gap_sign(number), _for_html(cloze.code(gap)))
    return html


def _for_html(code: str) -> str:
    return code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _file_name(number: int, picture: Picture) -> str:
    return f"picture-{number}.{_ENDINGS.get(picture.media_type, 'png')}"


def _name_pictures(element: Any, words: str, picture: Callable[[int], Picture | None]) -> None:
    """Let the text name its pictures as the files are named."""
    text = element.find("text")
    for number in pictures_in(words):
        found = picture(number)
        if found is not None:
            text.text = text.text.replace(
                f'@@PLUGINFILE@@/picture-{number}"', f'@@PLUGINFILE@@/{_file_name(number, found)}"'
            )
