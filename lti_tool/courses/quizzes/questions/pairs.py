"""Pairs to match, and things to put in order."""

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
    Short,
    chosen,
    first,
    folded,
    mixed,
    number_in,
)


class Pair(Part):
    """What is asked, and what belongs to it."""

    left: Short
    right: Annotated[str, Field(max_length=500)]


class Matching(Content):
    """Each pair that is found brings an equal part of the points."""

    kind: Literal["matching"] = "matching"
    pairs: Annotated[tuple[Pair, ...], Field(max_length=MAX_OPTIONS)]
    extra: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], Field(max_length=MAX_OPTIONS)] = ()
    """What can be chosen too and belongs to nothing."""
    shuffle: bool = True
    """Of what is asked; what can be chosen is always mixed."""

    def choices(self) -> list[str]:
        """What can be chosen, each once."""
        return list(dict.fromkeys([pair.right for pair in self.pairs] + list(self.extra)))

    def faults(self) -> list[str]:
        found = []
        if len(self.pairs) < 2:
            found.append(_("Write at least two pairs."))
        if any(not pair.left.strip() or not pair.right.strip() for pair in self.pairs):
            found.append(_("A pair lacks one of its sides."))
        if len(self.choices()) < 2:
            found.append(_("There is only one thing to choose."))
        return found

    def order(self, random: Random, shuffle: bool) -> Order:
        return [
            mixed(len(self.pairs), random, shuffle and self.shuffle),
            mixed(len(self.choices()), random, shuffle=True),
        ]

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        answer = [""] * len(self.pairs)
        for place, number in enumerate(order[0]):
            choice = chosen(first(sent, f"{name}-{place}"), order[1])
            answer[number] = "" if choice is None else str(choice)
        return answer if any(answer) else []

    def mark(self, answer: Answer) -> Mark:
        return Mark(_share([self._is_right(answer, number) for number in range(len(self.pairs))]))

    def _is_right(self, answer: Answer, number: int) -> bool:
        choice, choices = number_in(answer, number), self.choices()
        return choice is not None and choice < len(choices) and choices[choice] == self.pairs[number].right

    def right(self) -> Answer:
        choices = self.choices()
        return [str(choices.index(pair.right)) for pair in self.pairs]

    def told(self, answer: Answer) -> list[str]:
        choices = self.choices()
        found = ((pair, number_in(answer, number)) for number, pair in enumerate(self.pairs))
        return [
            f"{pair.left} → {choices[choice]}" for pair, choice in found if choice is not None and choice < len(choices)
        ]

    def texts(self) -> list[str]:
        return super().texts() + [pair.left for pair in self.pairs]


class Ordering(Content):
    """Each thing at its right place brings an equal part of the points; or, when wanted, only the whole order does."""

    kind: Literal["ordering"] = "ordering"
    items: Annotated[tuple[Short, ...], Field(max_length=MAX_OPTIONS)]
    """In the right order."""
    exact: bool = False

    def faults(self) -> list[str]:
        found = []
        if len(self.items) < 2:
            found.append(_("Write at least two things to put in order."))
        if len({folded(item, case=True) for item in self.items}) < len(self.items):
            found.append(_("The same thing stands there twice."))
        if any(not item.strip() for item in self.items):
            found.append(_("One of the things has no text."))
        return found

    def order(self, random: Random, shuffle: bool) -> Order:
        return [mixed(len(self.items), random, shuffle=True)]

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        answer = [""] * len(self.items)
        for place, number in enumerate(order[0]):
            value = first(sent, f"{name}-{place}")
            if value.isascii() and value.isdigit() and len(value) < 4 and 1 <= int(value) <= len(self.items):
                answer[number] = str(int(value))
        return answer if any(answer) else []

    def mark(self, answer: Answer) -> Mark:
        right = [number_in(answer, number) == number + 1 for number in range(len(self.items))]
        return Mark(float(all(right)) if self.exact else _share(right))

    def right(self) -> Answer:
        return [str(number) for number in range(1, len(self.items) + 1)]

    def told(self, answer: Answer) -> list[str]:
        placed = [(number_in(answer, number), item) for number, item in enumerate(self.items)]
        return [f"{place}. {item}" for place, item in sorted((place, item) for place, item in placed if place)]

    def texts(self) -> list[str]:
        return super().texts() + list(self.items)


def _share(right: list[bool]) -> float:
    return sum(right) / len(right) if right else 0.0
