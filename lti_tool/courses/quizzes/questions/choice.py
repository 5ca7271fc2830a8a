"""One of several options, several of them, true or false."""

from __future__ import annotations

from random import Random
from typing import Annotated, Literal

from flask_babel import gettext as _
from pydantic import Field

from lti_tool.courses.quizzes.questions.base import (
    MAX_OPTIONS,
    Answer,
    Content,
    Mark,
    Order,
    Part,
    Sent,
    Share,
    Short,
    chosen,
    clamp,
    first,
    mixed,
    number_in,
)


class Option(Part):
    """What can be chosen."""

    text: Short
    right: bool = False
    share: Share | None = None
    """Percent it is worth when chosen; None: as the type of question says."""
    feedback: Short = ""


Options = Annotated[tuple[Option, ...], Field(max_length=MAX_OPTIONS)]


class _Choice(Content):
    options: Options
    shuffle: bool = True

    def order(self, random: Random, shuffle: bool) -> Order:
        return [mixed(len(self.options), random, shuffle and self.shuffle)]

    def faults(self) -> list[str]:
        found = []
        if len(self.options) < 2:
            found.append(_("Write at least two options."))
        if any(not option.text.strip() for option in self.options):
            found.append(_("An option has no text."))
        return found

    def told(self, answer: Answer) -> list[str]:
        return [self.options[number].text for number in self._chosen(answer)]

    def notes(self, answer: Answer) -> list[str]:
        said = [self.options[number].feedback for number in self._chosen(answer)]
        return [each for each in said if each]

    def texts(self) -> list[str]:
        own = [text for option in self.options for text in (option.text, option.feedback)]
        return super().texts() + own

    def _chosen(self, answer: Answer) -> list[int]:
        numbers = {number_in(answer, part) for part in range(len(answer))}
        return sorted(number for number in numbers if number is not None and number < len(self.options))


class Single(_Choice):
    """Exactly one option is chosen."""

    kind: Literal["single"] = "single"

    def faults(self) -> list[str]:
        found = super().faults()
        if not any(self.share_of(option) >= 100 for option in self.options):
            found.append(_("Mark one option as right."))
        return found

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        number = chosen(first(sent, name), order[0])
        return [] if number is None else [str(number)]

    def share_of(self, option: Option) -> float:
        """Percent of the points for choosing it."""
        return option.share if option.share is not None else 100.0 * option.right

    def mark(self, answer: Answer) -> Mark:
        picked = self._chosen(answer)[:1]
        return Mark(max((clamp(self.share_of(self.options[number])) for number in picked), default=0.0))

    def right(self) -> Answer:
        return [str(number) for number, option in enumerate(self.options) if self.share_of(option) >= 100][:1]


class Multiple(_Choice):
    """Any number of options. Each right one brings an equal part of the points, each wrong one takes as much away, and
    the question never less than nothing; or, when wanted, only the exact answer brings anything."""

    kind: Literal["multiple"] = "multiple"
    exact: bool = False
    """All or nothing."""

    def faults(self) -> list[str]:
        found = super().faults()
        if not any(self.is_right(option) for option in self.options):
            found.append(_("Mark at least one option as right."))
        return found

    def is_right(self, option: Option) -> bool:
        return option.right if option.share is None else option.share > 0

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        found = {chosen(value, order[0]) for value in list(sent.get(name, ()))[:MAX_OPTIONS]}
        return [str(number) for number in sorted(number for number in found if number is not None)]

    def share_of(self, option: Option) -> float:
        """Percent for choosing it, below nothing for a wrong one."""
        if option.share is not None:
            return option.share
        return self.usual_share if option.right else -self.usual_share

    @property
    def usual_share(self) -> float:
        return 100.0 / max(1, sum(self.is_right(option) for option in self.options))

    def mark(self, answer: Answer) -> Mark:
        picked = self._chosen(answer)
        if self.exact:
            return Mark(float(picked == self._right()))
        share = sum(self.share_of(self.options[number]) for number in picked)
        return Mark(clamp(round(share, 3)))

    def right(self) -> Answer:
        return [str(number) for number in self._right()]

    def _right(self) -> list[int]:
        return [number for number, option in enumerate(self.options) if self.is_right(option)]


class TrueFalse(Content):
    """A statement that is true or not."""

    kind: Literal["truefalse"] = "truefalse"
    true: bool
    """Is it true?"""
    if_true: Short = ""
    if_false: Short = ""
    """Said to those who chose this."""

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        value = first(sent, name)
        return [value] if value in ("0", "1") else []

    def mark(self, answer: Answer) -> Mark:
        return Mark(float(answer == self.right()))

    def right(self) -> Answer:
        return [str(int(self.true))]

    def told(self, answer: Answer) -> list[str]:
        return [_("True") if answer == ["1"] else _("False")] if answer else []

    def notes(self, answer: Answer) -> list[str]:
        said = {"1": self.if_true, "0": self.if_false}.get(answer[0] if answer else "", "")
        return [said] if said else []

    def texts(self) -> list[str]:
        return [*super().texts(), self.if_true, self.if_false]
