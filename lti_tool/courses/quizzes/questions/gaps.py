"""A text with gaps: typed, chosen from a list, or a number.

An author writes a gap where it stands: `[[Paris]]`, `[[Paris|Lutetia]]` for several accepted texts, `[[>Paris|London]]`
for a list to choose from whose first is right, `[[#3,14±0,01]]` for a number. `50%` before an answer makes it worth half.
"""

from __future__ import annotations

import re
from decimal import Decimal
from random import Random
from typing import Annotated, Literal

from flask_babel import gettext as _
from pydantic import Field

from lti_tool.courses.quizzes.questions.base import (
    Answer,
    Content,
    Mark,
    Order,
    Part,
    Sent,
    Share,
    chosen,
    clamp,
    first,
    mixed,
    number_in,
    typed,
)
from lti_tool.courses.quizzes.questions.numeric import plain, read_number
from lti_tool.courses.quizzes.questions.short import Accepted, mark_typed

MAX_GAPS = 50
GAP = re.compile(r"\[\[([^\[\]\n]{1,2000})\]\]")
_SHARE = re.compile(r"\s*(\d{1,3}(?:[.,]\d+)?)\s*%(.*)", re.DOTALL)
TYPED, LIST, NUMBER = "typed", "list", "number"


class GapAnswer(Part):
    """What is accepted in a gap, or can be chosen there."""

    text: Annotated[str, Field(max_length=500)]
    share: Share = 100.0


class Gap(Part):
    """One gap."""

    way: Literal["typed", "list", "number"] = "typed"
    answers: Annotated[tuple[GapAnswer, ...], Field(min_length=1, max_length=50)]

    def accepted(self) -> tuple[Accepted, ...]:
        return tuple(Accepted(text=each.text, share=each.share) for each in self.answers)

    def mark(self, answer: str) -> Mark:
        if self.way == TYPED:
            return mark_typed(self.accepted(), answer, case=False)
        if self.way == LIST:
            number = number_in([answer])
            known = number is not None and number < len(self.answers)
            return Mark(clamp(self.answers[number].share) if known and number is not None else 0.0)
        return self._mark_number(answer)

    def _mark_number(self, answer: str) -> Mark:
        found = read_number(answer) if answer else None
        if found is None:
            return Mark(0.0, doubtful=bool(answer))
        for each in self.answers:
            value, tolerance = number_of(each.text) or (None, None)
            if value is not None and tolerance is not None and abs(found.value - value) <= tolerance:
                return Mark(clamp(each.share))
        return Mark(0.0)

    def right(self) -> str:
        number = max(range(len(self.answers)), key=lambda each: self.answers[each].share)
        if self.way == LIST:
            return str(number)
        text = self.answers[number].text
        parsed = number_of(text) if self.way == NUMBER else None
        return plain(parsed[0]) if parsed else text.replace(r"\*", "*")

    def told(self, answer: str) -> str:
        number = number_in([answer])
        if self.way == LIST and number is not None and number < len(self.answers):
            return self.answers[number].text
        return answer

    def written(self) -> str:
        """As an author writes it."""
        prefix = {LIST: ">", NUMBER: "#", TYPED: ""}[self.way]
        parts = []
        for place, each in enumerate(self.answers):
            usual = (100.0 if place == 0 else 0.0) if self.way == LIST else 100.0
            parts.append(each.text if each.share == usual else f"{each.share:g}%{each.text}")
        return f"[[{prefix}{'|'.join(parts)}]]"


class Gaps(Content):
    """Every gap brings an equal part of the points. `text` holds the gaps as an author writes them."""

    kind: Literal["gaps"] = "gaps"

    def gaps(self) -> list[Gap]:
        """The gaps in the text, one after the other."""
        return [read_gap(found[1]) for found in GAP.finditer(self.text)][:MAX_GAPS]

    def pieces(self) -> list[str]:
        """The text around the gaps: one more than there are gaps."""
        return GAP.split(self.text)[::2]

    def faults(self) -> list[str]:
        inside = [found[1] for found in GAP.finditer(self.text)]
        if not inside:
            return [_("Write at least one gap: the right answer between double square brackets, as in [[Paris]].")]
        if len(inside) > MAX_GAPS:
            return [_("There are more than %(count)d gaps.", count=MAX_GAPS)]
        return [fault for fault in map(_fault, self.gaps()) if fault]

    def order(self, random: Random, shuffle: bool) -> Order:
        return [mixed(len(gap.answers), random, shuffle=True) if gap.way == LIST else [] for gap in self.gaps()]

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        answer = []
        for place, gap in enumerate(self.gaps()):
            if gap.way == LIST:
                number = chosen(first(sent, f"{name}-{place}"), order[place] if place < len(order) else [])
                answer.append("" if number is None else str(number))
            else:
                answer.append(typed(sent, f"{name}-{place}").strip())
        return answer if any(answer) else []

    def mark(self, answer: Answer) -> Mark:
        gaps = self.gaps()
        marks = [gap.mark(answer[place] if place < len(answer) else "") for place, gap in enumerate(gaps)]
        total = sum(mark.fraction or 0.0 for mark in marks) / max(1, len(marks))
        return Mark(min(1.0, total), doubtful=any(mark.doubtful for mark in marks))

    def right(self) -> Answer:
        return [gap.right() for gap in self.gaps()]

    def told(self, answer: Answer) -> list[str]:
        said = [gap.told(part) for gap, part in zip(self.gaps(), answer, strict=False)]
        return [f"{place}. {text}" for place, text in enumerate(said, start=1) if text]


def read_gap(inside: str) -> Gap:
    """A gap as it stands between the brackets; whatever is there is some gap."""
    inside = inside.strip()
    way = {">": LIST, "#": NUMBER}.get(inside[:1], TYPED)
    parts = (inside[1:] if way != TYPED else inside).split("|")[:50]
    answers = []
    for place, part in enumerate(parts):
        usual = (100.0 if place == 0 else 0.0) if way == LIST else 100.0
        found = _SHARE.fullmatch(part)
        share = min(100.0, float(found[1].replace(",", "."))) if found else usual
        answers.append(GapAnswer(text=(found[2] if found else part).strip()[:500], share=share))
    return Gap(way=way, answers=tuple(answers))  # type: ignore[arg-type]  # one of the three


def number_of(text: str) -> tuple[Decimal, Decimal] | None:
    """`3,14±0,01` as value and tolerance; None when it is no number."""
    value, _sign, tolerance = text.replace("+-", "±").partition("±")
    found, around = read_number(value), read_number(tolerance or "0")
    if found is None or around is None or found.unit or around.unit:
        return None
    return found.value, abs(around.value)


def _fault(gap: Gap) -> str:
    said = ""
    if any(not each.text for each in gap.answers):
        said = _("A gap has an empty answer.")
    elif max(each.share for each in gap.answers) < 100:
        said = _("A gap has no answer that is wholly right.")
    elif gap.way == LIST and len(gap.answers) < 2:
        said = _("A list to choose from needs at least two answers.")
    elif gap.way == NUMBER and any(number_of(each.text) is None for each in gap.answers):
        said = _("A gap for a number holds no number.")
    return said


def for_gap(text: str) -> str:
    """A text that can stand between the signs of a gap."""
    return " ".join(text.translate(str.maketrans("|[]", "/()")).split())
