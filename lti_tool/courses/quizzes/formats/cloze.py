"""Moodle's embedded answers: `{1:SHORTANSWER:=Paris~%50%Lutetia#nearly}` inside a text, read as gaps and written from them."""

from __future__ import annotations

import html
import re

from flask_babel import gettext as _

from lti_tool.courses.quizzes.formats.base import NotTaken
from lti_tool.courses.quizzes.questions.gaps import LIST, NUMBER, TYPED, Gap, GapAnswer, for_gap, number_of
from lti_tool.courses.quizzes.questions.numeric import plain, read_number

_CODE = re.compile(r"\{(\d*):([A-Z_]{2,20}):((?:\\.|[^{}\\]){0,8000})\}", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\)~")
_SHARE = re.compile(r"\s*(?:(=)|%(-?\d{1,3}(?:\.\d{1,5})?)%)?(.*)", re.DOTALL)
_TYPED = ("SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC")
_NUMBER = ("NUMERICAL", "NM")
_LIST = re.compile(r"(MULTICHOICE|MC)(_?[VHS]{0,2})?")


def with_gaps(text: str, remarks: list[str]) -> tuple[str, list[Gap]]:
    """The text with signs of a gap's number (see `gap_sign`) in place of the codes, and the gaps. Raises NotTaken."""
    gaps: list[Gap] = []

    def take(found: re.Match[str]) -> str:
        gaps.append(_gap(found[2], found[3], remarks))
        if found[1] not in ("", "1"):
            remarks.append(_("Its gaps count alike."))
        return gap_sign(len(gaps) - 1)

    marked = _CODE.sub(take, text)
    if not gaps:
        raise NotTaken(_("There is no gap in the text."))
    return marked, gaps


def gap_sign(number: int) -> str:
    """What stands for a gap while the text around it is converted; no sign of formatting."""
    return f"GAPxQz{number}zQx"


def put_back(text: str, gaps: list[Gap]) -> str:
    """The text with each gap as authors write it."""
    return re.sub(r"GAPxQz(\d{1,4})zQx", lambda found: _written(gaps, int(found[1])), text)


def _written(gaps: list[Gap], number: int) -> str:
    return gaps[number].written() if number < len(gaps) else ""


def _gap(way: str, answers: str, remarks: list[str]) -> Gap:
    if way in _TYPED:
        kind = TYPED
    elif way in _NUMBER:
        kind = NUMBER
    elif _LIST.fullmatch(way):
        kind = LIST
    else:
        raise NotTaken(_("Gaps of the type %(name)s are not known here.", name=way))
    found = [answer for answer in (_answer(part, kind, remarks) for part in _SPLIT.split(answers)) if answer.text]
    if kind == LIST:
        found.sort(key=lambda answer: -answer.share)
    else:
        found = [answer for answer in found if answer.share > 0]
    if not found:
        raise NotTaken(_("A gap has no right answer."))
    return Gap(way=kind, answers=tuple(found[:50]))  # type: ignore[arg-type]  # one of the three


def _answer(part: str, kind: str, remarks: list[str]) -> GapAnswer:
    found = _SHARE.fullmatch(part)
    assert found is not None
    text, sign, feedback = re.sub(r"\\#", "\ue100", found[3]).partition("#")
    if sign and feedback.strip():
        remarks.append(_("Feedback to single answers of a gap is left out."))
    text = re.sub(r"\\(.)", r"\1", text.replace("\ue100", "#"))
    text = for_gap(html.unescape(re.sub(r"<[^<>]{0,1000}>", "", html.unescape(text))))
    if kind == NUMBER:
        value, _colon, tolerance = text.partition(":")
        number, around = read_number(value), read_number(tolerance or "0")
        if number is None or around is None:
            return GapAnswer(text="", share=0)
        text = plain(number.value) + (f"±{plain(abs(around.value))}" if around.value else "")
    share = 100.0 if found[1] else max(0.0, min(100.0, float(found[2] or 0)))
    return GapAnswer(text=text[:500], share=share)


def code(gap: Gap) -> str:
    """The gap as Moodle's code, for a text in HTML."""
    name = {TYPED: "SHORTANSWER", LIST: "MULTICHOICE_S", NUMBER: "NUMERICAL"}[gap.way]
    parts = []
    for answer in gap.answers:
        text = answer.text
        number = number_of(text) if gap.way == NUMBER else None
        if number is not None:
            text = f"{plain(number[0])}:{plain(number[1])}"
        sign = "=" if answer.share == 100 else f"%{answer.share:g}%"
        parts.append(sign + re.sub(r"([\\}~#])", r"\\\1", text))
    return f"{{1:{name}:{'~'.join(parts)}}}"
