"""GIFT: questions as text with the answers in braces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from flask_babel import gettext as _

from lti_tool.courses.quizzes.formats.base import NotTaken, Reading, decoded, escaped, markdown_of
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
    Pair,
    ShortAnswer,
    Single,
    TrueFalse,
)
from lti_tool.courses.quizzes.questions.gaps import Gap, GapAnswer, for_gap
from lti_tool.courses.quizzes.questions.numeric import read_number

_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_HIDDEN = {sign: chr(0xE100 + place) for place, sign in enumerate("~=#{}:\\n")}
_BACK = {hidden: "\n" if sign == "n" else sign for sign, hidden in _HIDDEN.items()}
_TITLE = re.compile(r"\s*::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_SHARE = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,5})?)%")
_BRACES = re.compile(r"\{([^{}]*)\}")


class Choice(NamedTuple):
    """One answer between the braces."""

    right: bool
    share: float | None
    text: str
    feedback: str


def read(data: bytes) -> Reading:
    """The questions of a file. Raises Unreadable."""
    reading, pool = Reading(), ""
    for block in _blocks(decoded(data)):
        category = re.match(r"\s*\$CATEGORY:\s*(.*)", block)
        if category:
            pool = _shown(category[1]).strip().rstrip("/").rsplit("/", 1)[-1].strip()
            block = block[category.end() :]  # noqa: PLW2901  # what follows the line is a question
        if not block.strip():
            continue
        title = _TITLE.match(block)
        name = _shown(title[1]).strip() if title else ""
        body = block[title.end() :] if title else block
        reading.take(" ".join(name.split()), pool, 1.0, partial(_question, body), hint=_shown(body))
    return reading


def _blocks(text: str) -> Iterator[str]:
    """Pieces between empty lines, without comments, with escaped signs hidden."""
    text = re.sub("[\ue100-\ue1ff]", "", text)
    text = _ESCAPED.sub(lambda found: _HIDDEN[found[1]], text)
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("//")]
    return (block for block in re.split(r"\n[ \t]*\n", "\n".join(lines)) if block.strip())


def _shown(text: str) -> str:
    return "".join(_BACK.get(sign, sign) for sign in text)


class _Writing:
    """How texts of one question are written: `[html]` and the like."""

    def __init__(self, name: str, remarks: list[str]) -> None:
        self.name, self.remarks = name, remarks

    def markdown(self, text: str) -> str:
        text = _shown(text).strip()
        if self.name == "markdown":
            return text
        if self.name == "html" or "<" in text:
            return markdown_of(text, lambda _address: None, self.remarks)
        return escaped(text)


def _question(body: str, remarks: list[str]) -> Content:
    found = _FORMAT.match(body)
    writing = _Writing(found[1].lower() if found else "", remarks)
    body = body[found.end() :] if found else body
    braces = list(_BRACES.finditer(body))
    if not braces:
        raise NotTaken(_("There are no braces with an answer: a description is no question."))
    if len(braces) > 1 or body.count("{") != 1 or body.count("}") != 1:
        raise NotTaken(_("More than one pair of braces, or one that is not closed."))
    before, inside, after = body[: braces[0].start()], braces[0][1], body[braces[0].end() :]
    inside, _sep, feedback = inside.partition("####")
    said = writing.markdown(feedback)
    if after.strip():
        return _missing_word(before, inside, after, writing, said)
    return _whole(writing.markdown(before), inside.strip(), writing, said)


def _whole(text: str, inside: str, writing: _Writing, feedback: str) -> Content:
    if not text:
        raise NotTaken(_("The question has no text."))
    if not inside:
        return Essay(text=text, feedback=feedback)
    if inside.startswith("#"):
        return Numeric(text=text, accepted=tuple(_numbers(inside[1:], writing)), feedback=feedback)
    word, *said = inside.split("#")
    if word.strip().upper() in ("T", "TRUE", "F", "FALSE"):
        return _true_false(
            text, word.strip().upper() in ("T", "TRUE"), [writing.markdown(each) for each in said], feedback
        )
    choices = list(_choices(inside))
    if not choices:
        raise NotTaken(_("The answers between the braces could not be read."))
    if all(choice.right and "->" in choice.text for choice in choices):
        return _matching(text, choices, writing, feedback)
    if all(choice.right for choice in choices):
        return _short(text, choices, writing, feedback)
    return _choice(text, choices, writing, feedback)


def _true_false(text: str, true: bool, said: list[str], feedback: str) -> Content:
    wrong, right = [*said, "", ""][:2]
    return TrueFalse(
        text=text, true=true, if_true=right if true else wrong, if_false=wrong if true else right, feedback=feedback
    )


def _choices(inside: str) -> Iterator[Choice]:
    """`=right ~wrong ~%50%half #feedback`."""
    for found in re.finditer(r"([=~])([^=~]*)", inside):
        share = _SHARE.match(found[2])
        text, _sign, feedback = (found[2][share.end() :] if share else found[2]).partition("#")
        percent = max(-100.0, min(100.0, float(share[1]))) if share else None
        yield Choice(found[1] == "=", percent, text.strip(), feedback.strip())


def _choice(text: str, choices: list[Choice], writing: _Writing, feedback: str) -> Content:
    options = tuple(
        Option(
            text=writing.markdown(each.text),
            right=each.right or (each.share or 0) > 0,
            share=each.share,
            feedback=writing.markdown(each.feedback),
        )
        for each in choices
    )
    if any(each.right for each in choices):
        return Single(text=text, options=options, feedback=feedback)
    return Multiple(text=text, options=options, feedback=feedback)


def _short(text: str, choices: list[Choice], writing: _Writing, feedback: str) -> Content:
    accepted = tuple(
        Accepted(
            text=_shown(each.text).strip(),
            share=100.0 if each.share is None else each.share,
            feedback=writing.markdown(each.feedback),
        )
        for each in choices
    )
    return ShortAnswer(text=text, accepted=accepted, feedback=feedback)


def _matching(text: str, choices: list[Choice], writing: _Writing, feedback: str) -> Content:
    pairs, extra = [], []
    for choice in choices:
        left, _arrow, right = choice.text.partition("->")
        if left.strip():
            pairs.append(Pair(left=writing.markdown(left), right=_shown(right).strip()))
        else:
            extra.append(_shown(right).strip())
    return Matching(text=text, pairs=tuple(pairs), extra=tuple(extra), feedback=feedback)


def _numbers(inside: str, writing: _Writing) -> Iterator[AcceptedNumber]:
    parts = [each for each in _choices(inside) if each.right] if "=" in inside else []
    if not parts:
        text, _sign, feedback = inside.partition("#")
        parts = [Choice(right=True, share=None, text=text, feedback=feedback)]
    for part in parts:
        value, tolerance = _interval(_shown(part.text))
        share = 100.0 if part.share is None else part.share
        yield AcceptedNumber(value=value, tolerance=tolerance, share=share, feedback=writing.markdown(part.feedback))


def _interval(text: str) -> tuple[Decimal, Decimal]:
    """`3`, `3:0.5` or `2.5..3.5` as value and tolerance."""
    low, dots, high = text.partition("..")
    first, second = (low, high) if dots else (text.partition(":")[0], text.partition(":")[2] or "0")
    one, other = read_number(first), read_number(second)
    if one is None or other is None or one.unit or other.unit:
        raise NotTaken(_("A number of the answer could not be read: %(text)s", text=text[:40]))
    if dots:
        return (one.value + other.value) / 2, abs(other.value - one.value) / 2
    return one.value, abs(other.value)


def _missing_word(before: str, inside: str, after: str, writing: _Writing, feedback: str) -> Content:
    choices = list(_choices(inside))
    if not choices or any("->" in choice.text for choice in choices):
        raise NotTaken(_("Text after the braces goes only with a gap to fill in."))
    typed = all(choice.right for choice in choices)
    ordered = sorted(choices, key=lambda choice: not choice.right)
    if any(choice.feedback for choice in choices):
        writing.remarks.append(_("Feedback to single answers of a gap is left out."))
    answers = tuple(
        GapAnswer(text=for_gap(_shown(each.text)), share=_gap_share(each)) for each in ordered if each.text.strip()
    )
    if not answers:
        raise NotTaken(_("The answers between the braces could not be read."))
    gap = Gap(way="typed" if typed else "list", answers=answers)
    text = f"{writing.markdown(before)} {gap.written()} {writing.markdown(after)}"
    return Gaps(text=text.strip(), feedback=feedback)


def _gap_share(choice: Choice) -> float:
    usual = 100.0 if choice.right else 0.0
    return max(0.0, usual if choice.share is None else choice.share)
