"""Moodle XML, read. Nothing in a file is trusted: no document types, no entities, no addresses are followed."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any, cast
from urllib.parse import unquote

from flask_babel import gettext as _
from lxml import etree

from lti_tool.courses.quizzes.formats import cloze
from lti_tool.courses.quizzes.formats.base import (
    MAX_FILE_BYTES,
    NotTaken,
    Reading,
    Unreadable,
    escaped,
    markdown_of,
    too_large,
)
from lti_tool.courses.quizzes.questions import (
    Accepted,
    AcceptedNumber,
    Content,
    Essay,
    Gaps,
    Matching,
    Multiple,
    Numeric,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    Single,
    TrueFalse,
    Unit,
)
from lti_tool.courses.quizzes.questions.gaps import LIST, Gap, GapAnswer, for_gap
from lti_tool.courses.quizzes.questions.numeric import read_number

_PLUGIN = "@@PLUGINFILE@@/"


def read(data: bytes) -> Reading:
    """The questions of a file. Raises Unreadable."""
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(too_large())
    reading, pool = Reading(), ""
    for element in _questions(data):
        kind = element.get("type", "")
        if kind == "category":
            pool = _last_part(_plain(element, "category/text"))
            continue
        name = " ".join(_plain(element, "name/text").split())
        points = _float(element.findtext("defaultgrade"), 1.0)
        hint = re.sub(r"<[^<>]{0,1000}>", " ", _plain(element, "questiontext/text")[:2000])
        reading.take(
            name, pool, min(max(points, 0.0), 1000.0) or 1.0, partial(_content, reading, element, kind), hint=hint
        )
    return reading


def _last_part(path: str) -> str:
    """The name at the end of a category's path, in which a doubled slash is one of the name's own."""
    last = re.split(r"(?<!/)/(?!/)", path.strip())[-1].replace("//", "/").strip()
    return "" if last == "top" or re.fullmatch(r"\$\w+\$", last) else last


def _questions(data: bytes) -> Iterator[Any]:
    """Each <question>, freed after use, so that a large file costs no more memory than one question."""
    try:
        events = etree.iterparse(
            BytesIO(data),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,  # pictures are single texts of many megabytes; the whole file is bounded, depth is below
            remove_comments=True,
            remove_pis=True,
        )
        depth, is_first = 0, True
        for event, element in events:
            if is_first:
                _check_root(element)
                is_first = False
            depth += 1 if event == "start" else -1
            if depth > 60:
                raise Unreadable(_("This file is nested too deeply to be one of questions."))
            if event == "end" and element.tag == "question" and depth == 1:
                yield element
                element.clear(keep_tail=False)
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None) or 1
        raise Unreadable(_("The file is broken near line %(line)d, so nothing of it is taken.", line=line)) from None
    if is_first:
        raise Unreadable(_("This is no Moodle XML file of questions."))


def _check_root(element: Any) -> None:
    if element.getroottree().docinfo.doctype or element.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(_("A file of questions needs no document type; this one has it and is not read."))
    if element.tag != "quiz":
        raise Unreadable(_("This is no Moodle XML file of questions."))


def _content(reading: Reading, element: Any, kind: str, remarks: list[str]) -> Content:
    maker = _MAKERS.get(kind)
    if maker is None:
        if kind == "description":
            raise NotTaken(_("A description is no question."))
        raise NotTaken(_("Questions of the type %(name)s are not known here.", name=kind[:40] or "?"))
    source = _Source(reading, element, remarks)
    if element.findtext("penalty") and kind not in ("essay",) and element.findall("hint/text"):
        remarks.append(_("Hints for further tries are left out."))
    return maker(source)


class _Source:
    """One <question> with its texts as Markdown."""

    def __init__(self, reading: Reading, element: Any, remarks: list[str]) -> None:
        self.reading, self.element, self.remarks = reading, element, remarks

    def markdown(self, element: Any) -> str:
        """The Markdown of an element with <text> and <file>s, such as questiontext."""
        if element is None:
            return ""
        text = element.findtext("text") or ""
        form = element.get("format", "html")
        picture = self._pictures(element)
        if form == "plain_text":
            return escaped(text.strip())
        if form == "markdown":
            return re.sub(r"@@PLUGINFILE@@/([^)\s]+)", lambda found: picture(found[0]) or "", text).strip()
        return markdown_of(text, picture, self.remarks)

    def _pictures(self, element: Any) -> Callable[[str], str | None]:
        files = {file.get("name"): file for file in element.findall("file")}

        def picture(address: str) -> str | None:
            file = files.get(unquote(address.removeprefix(_PLUGIN)).rsplit("/", 1)[-1])
            if not address.startswith(_PLUGIN) or file is None:
                return _inline(self.reading, address)
            return _kept(self.reading, file.get("name") or "", file.text or "")

        return picture

    def part(self, path: str) -> str:
        return self.markdown(self.element.find(path))

    @property
    def text(self) -> str:
        return self.part("questiontext")

    @property
    def feedback(self) -> str:
        return self.part("generalfeedback")

    def flag(self, path: str) -> bool:
        return (self.element.findtext(path) or "").strip().lower() in ("1", "true")

    def answers(self) -> list[Any]:
        return list(self.element.findall("answer"))


def _inline(reading: Reading, address: str) -> str | None:
    found = re.match(r"data:image/[a-z+]{2,10};base64,", address)
    return _kept(reading, "picture", address[found.end() :]) if found else None


def _kept(reading: Reading, name: str, encoded: str) -> str | None:
    try:
        data = base64.b64decode(encoded, validate=False)
    except (binascii.Error, ValueError):
        return None
    number = reading.add_picture(name, data)
    return None if number is None else f"picture:{number}"


def _plain(element: Any, path: str) -> str:
    return re.sub(r"[\x00-\x1f]+", " ", element.findtext(path) or "").strip()


def _text_of(element: Any) -> str:
    """A text that is compared, not shown: as it stands, or without its tags where it says that it is HTML."""
    raw = element.findtext("text") or ""
    return (html.unescape(re.sub(r"<[^<>]{0,1000}>", "", raw)) if element.get("format") == "html" else raw).strip()


def _float(text: str | None, usual: float) -> float:
    try:
        number = float((text or "").replace(",", "."))
    except ValueError:
        return usual
    return number if abs(number) < 1e12 else usual


def _share(answer: Any) -> float:
    return max(-100.0, min(100.0, _float(answer.get("fraction"), 0.0)))


def _choice(source: _Source) -> Content:
    shares = [_share(answer) for answer in source.answers()]
    single = (source.element.findtext("single") or "true").strip().lower() in ("true", "1")
    usual = 100.0 / max(1, sum(share > 0 for share in shares))
    # what is worth the usual share is left to the rule, so that a teacher may add an option without reckoning
    plain = {True: 100.0, False: 0.0} if single else {True: usual, False: -usual}
    as_usual = all(abs(share - plain[share > 0]) < 0.01 for share in shares)
    options = tuple(
        Option(
            text=source.markdown(answer),
            right=share > 0,
            share=None if as_usual else round(share, 5),
            feedback=source.markdown(answer.find("feedback")),
        )
        for answer, share in zip(source.answers(), shares, strict=True)
    )
    shuffle = (source.element.findtext("shuffleanswers") or "true").strip().lower() in ("true", "1")
    common: dict[str, Any] = {"text": source.text, "feedback": source.feedback, "options": options, "shuffle": shuffle}
    return Single(**common) if single else Multiple(**common)


def _all_or_nothing(source: _Source) -> Content:
    found = _choice(source)
    return Multiple(**{**found.model_dump(exclude={"kind"}), "exact": True})


def _true_false(source: _Source) -> Content:
    found = {_text_of(answer).lower(): answer for answer in source.answers()}
    if not {"true", "false"} <= found.keys():
        raise NotTaken(_("It does not say which answer is right."))
    return TrueFalse(
        text=source.text,
        feedback=source.feedback,
        true=_share(found["true"]) > _share(found["false"]),
        if_true=source.markdown(found["true"].find("feedback")),
        if_false=source.markdown(found["false"].find("feedback")),
    )


def _short(source: _Source) -> Content:
    accepted = tuple(
        Accepted(text=_text_of(answer), share=_share(answer), feedback=source.markdown(answer.find("feedback")))
        for answer in source.answers()
    )
    return ShortAnswer(text=source.text, feedback=source.feedback, accepted=accepted, case=source.flag("usecase"))


def _numeric(source: _Source) -> Content:
    accepted = []
    for answer in source.answers():
        value, around = read_number(_text_of(answer)), read_number(answer.findtext("tolerance") or "0")
        if value is None or value.unit or around is None:
            source.remarks.append(_("An answer that is no number is left out."))
            continue
        note = source.markdown(answer.find("feedback"))
        accepted.append(
            AcceptedNumber(value=value.value, tolerance=abs(around.value), share=_share(answer), feedback=note)
        )
    units = tuple(
        Unit(name=name, factor=1 / multiplier.value)
        for each in source.element.findall("units/unit")
        for name, multiplier in [
            ((each.findtext("unit_name") or "").strip(), read_number(each.findtext("multiplier") or "1"))
        ]
        if name and multiplier and multiplier.value > 0
    )
    needed = bool(units) and (source.element.findtext("unitgradingtype") or "0").strip() in ("1", "2")
    return Numeric(
        text=source.text, feedback=source.feedback, accepted=tuple(accepted), units=units, unit_needed=needed
    )


def _matching(source: _Source) -> Content:
    pairs, extra = [], []
    for each in source.element.findall("subquestion"):
        left, right = source.markdown(each), _text_of(each.find("answer")) if each.find("answer") is not None else ""
        if left:
            pairs.append(Pair(left=left, right=right))
        elif right:
            extra.append(right)
    return Matching(
        text=source.text,
        feedback=source.feedback,
        pairs=tuple(pairs),
        extra=tuple(extra),
        shuffle=source.flag("shuffleanswers"),
    )


def _ordering(source: _Source) -> Content:
    items = tuple(source.markdown(answer) for answer in source.answers())
    exact = (source.element.findtext("gradingtype") or "").strip() in ("-1", "ALL_OR_NOTHING")
    return Ordering(text=source.text, feedback=source.feedback, items=items, exact=exact)


def _cloze(source: _Source) -> Content:
    holder = _text_holder(source)
    holder.text, gaps = cloze.with_gaps(holder.text or "", source.remarks)
    return Gaps(text=cloze.put_back(source.text, gaps), feedback=source.feedback)


def _text_holder(source: _Source) -> Any:
    holder = source.element.find("questiontext/text")
    if holder is None:
        raise NotTaken(_("The question has no text."))
    return holder


def _words_in_gaps(source: _Source) -> Content:
    """Gaps `[[2]]` filled from groups of words, by a list or by dragging."""
    words = []
    for number, each in enumerate(source.element.iterchildren("selectoption", "dragbox"), start=1):
        group = (each.findtext("group") or "1").strip()
        words.append((number, group, for_gap(_text_of(each))))
    source.remarks.append(_("Words are chosen from a list in each gap."))

    def gap(found: re.Match[str]) -> str:
        right = next(((group, text) for number, group, text in words if number == int(found[1])), None)
        if right is None:
            raise NotTaken(_("A gap has no right answer."))
        others = [text for _number, group, text in words if group == right[0] and text != right[1]]
        answers = [GapAnswer(text=right[1], share=100.0)]
        answers += [GapAnswer(text=text, share=0.0) for text in dict.fromkeys(others)]
        gaps.append(Gap(way=cast("Any", LIST), answers=tuple(answers[:50])))
        return cloze.gap_sign(len(gaps) - 1)

    gaps: list[Gap] = []
    holder = _text_holder(source)
    holder.text = re.sub(r"\[\[(\d{1,3})\]\]", gap, holder.text or "")
    return Gaps(text=cloze.put_back(source.text, gaps), feedback=source.feedback)


def _essay(source: _Source) -> Content:
    if (source.element.findtext("attachments") or "0").strip() not in ("0", ""):
        source.remarks.append(_("Files cannot be handed in here: use an assignment for that."))
    lines = int(_float(source.element.findtext("responsefieldlines"), 10))
    return Essay(
        text=source.text,
        feedback=source.feedback,
        lines=min(max(lines, 2), 60),
        notes_for_marking=source.part("graderinfo"),
    )


_MAKERS: dict[str, Callable[[_Source], Content]] = {
    "multichoice": _choice,
    "multichoiceset": _all_or_nothing,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numeric,
    "matching": _matching,
    "match": _matching,
    "ordering": _ordering,
    "cloze": _cloze,
    "multianswer": _cloze,
    "gapselect": _words_in_gaps,
    "ddwtos": _words_in_gaps,
    "essay": _essay,
}
