"""What every type of question has: its texts, and how an answer is read, marked and told.

An answer is a list of texts, one for each thing to answer: a chosen option's number, a typed text, nothing where nothing
was answered. Numbers count in the order of the author; what a pupil's browser sends counts in the order shown to that
pupil, so that a page never tells how the author had it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from random import Random
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Sent = Mapping[str, Sequence[str]]
"""Fields of a form: every value of each name."""
Answer = list[str]
Order = list[list[int]]
"""For each list of options the numbers of its options as they are shown."""

MAX_TEXT = 20_000
MAX_OPTION = 4_000
MAX_OPTIONS = 50
MAX_TYPED = 1_000
"""Characters of a short answer."""
Long = Annotated[str, Field(max_length=MAX_TEXT)]
Short = Annotated[str, Field(max_length=MAX_OPTION)]
Share = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
"""Percent of the question's points."""


class Mark(NamedTuple):
    """What an answer is worth."""

    fraction: float | None
    """0 to 1 of the question's points; None: only a person can say."""
    doubtful: bool = False
    """Marked, but a person should look at it."""


class Part(BaseModel):
    """Anything a question is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Content(Part):
    """A question of one type; subclasses say how it is answered."""

    by_hand: ClassVar[bool] = False
    """No answer is marked without a person."""
    kind: str
    text: Long
    """Markdown with pictures (`picture:ID`) and formulas ($…$)."""
    feedback: Long = ""
    """Shown with the result, whatever the answer."""

    def faults(self) -> list[str]:
        """Why pupils cannot be given it, in sentences; nothing when they can."""
        return []

    def order(self, random: Random, shuffle: bool) -> Order:
        """How its options are shown in one attempt."""
        return []

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        """The answer in the fields that begin with `name`; whatever no honest page sends counts as not answered."""
        raise NotImplementedError

    def mark(self, answer: Answer) -> Mark:
        """What the answer is worth."""
        raise NotImplementedError

    def right(self) -> Answer:
        """An answer worth everything; empty when there is none to tell."""
        return []

    def told(self, answer: Answer) -> list[str]:
        """The answer as people read it, Markdown, part by part; parts not answered are left out."""
        return [part for part in answer if part]

    def notes(self, answer: Answer) -> list[str]:
        """What the author says to this answer."""
        return []

    def texts(self) -> list[str]:
        """Everything written in it, for finding its pictures."""
        return [self.text, self.feedback]


def is_answered(answer: Answer | None) -> bool:
    """Is there anything in it?"""
    return any(part.strip() for part in answer or [])


def first(sent: Sent, name: str) -> str:
    """The one value of a field; nothing when it was not sent."""
    values = sent.get(name)
    return values[0] if values else ""


def chosen(sent_value: str, shown: Sequence[int]) -> int | None:
    """The option's number of a place on the page; None for anything else."""
    if not sent_value.isascii() or not sent_value.isdigit() or len(sent_value) > 4:
        return None
    place = int(sent_value)
    return shown[place] if place < len(shown) else None


def number_in(answer: Answer, part: int = 0) -> int | None:
    """The number an answer's part holds."""
    text = answer[part] if part < len(answer) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def mixed(count: int, random: Random, shuffle: bool) -> list[int]:
    """The numbers below `count`, in a new order when wanted."""
    numbers = list(range(count))
    if shuffle:
        random.shuffle(numbers)
    return numbers


def typed(sent: Sent, name: str, limit: int = MAX_TYPED) -> str:
    """A typed text with plain line ends, cut where no honest page would let it grow."""
    return first(sent, name).replace("\r\n", "\n").replace("\0", "")[:limit]


_SPACES = re.compile(r"\s+")


def folded(text: str, *, case: bool = False) -> str:
    """A text as it is compared: spaces, kinds of dashes and quotation marks, ё and е, and letters' case alike."""
    text = unicodedata.normalize("NFKC", text)
    text = text.translate(_ALIKE)
    text = _SPACES.sub(" ", text).strip()
    return text if case else text.casefold()


_ALIKE = str.maketrans(
    {"ё": "е", "Ё": "Е", "–": "-", "—": "-", "−": "-", "‑": "-", "«": '"', "»": '"', "“": '"', "”": '"', "’": "'"}
)


def matches(pattern: str, text: str, *, case: bool = False) -> bool:
    r"""Does a text match a pattern in which `*` stands for anything and `\*` for a star?"""
    pieces = re.split(r"(\\\*|\*+)", folded(pattern, case=case))
    parts = [""]
    for piece in pieces:
        if piece == r"\*":
            parts[-1] += "*"
        elif piece.startswith("*"):
            parts.append("")
        else:
            parts[-1] += piece
    return _in_turn(parts, folded(text, case=case))


def _in_turn(parts: list[str], text: str) -> bool:
    """Do the parts stand in the text one after the other, the first at its beginning and the last at its end?

    Written out, since a regular expression with many stars can take for ever.
    """
    if len(parts) == 1:
        return parts[0] == text
    head, *middle, tail = parts
    if len(head) + len(tail) > len(text) or not text.startswith(head) or not text.endswith(tail):
        return False
    place, end = len(head), len(text) - len(tail)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def one_slip_apart(one: str, other: str) -> bool:
    """Do two folded texts of five letters or more differ by one letter typed wrong, missed, added, or two swapped?"""
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1 or one == other:
        return False
    if len(one) > len(other):
        one, other = other, one
    start = next((i for i in range(len(one)) if one[i] != other[i]), len(one))
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    swapped = one[start + 1 : start + 2] + one[start : start + 1] + one[start + 2 :]
    return swapped == other[start:]


def clamp(percent: float) -> float:
    """A share in percent as a fraction within 0 and 1."""
    return min(1.0, max(0.0, percent / 100))
