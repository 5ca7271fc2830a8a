"""A typed text cut where comments begin and end, so that a page can show which passage each is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Piece:
    """A stretch of text, with the numbers (from 1) of the comments on it."""

    text: str
    about: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    """Numbers of the comments whose passage ends here."""


def pieces(text: str, passages: Sequence[tuple[int, int]]) -> list[Piece]:
    """The whole text in order; passages are (start, stop), may overlap, and are cut to the text."""
    spans = [(max(0, start), min(len(text), stop)) for start, stop in passages]
    borders = sorted({0, len(text), *(place for span in spans for place in span if 0 <= place <= len(text))})
    found = []
    for start, stop in pairwise(borders):
        about = tuple(n for n, span in enumerate(spans, 1) if span[0] <= start and stop <= span[1])
        ends = tuple(n for n in about if spans[n - 1][1] == stop)
        found.append(Piece(text[start:stop], about, ends))
    return found
