"""Bars as a picture: SVG made by the server, with a table beside it for whoever cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT, GAP = 480, 160, 6
_FOOT, _HEAD = 20, 18


class Bar(NamedTuple):
    """One bar with the words under it."""

    label: str
    value: int


def shares_of(histogram: Sequence[int]) -> list[Bar]:
    """A histogram of shares as bars named by percent."""
    step = 100 // max(1, len(histogram))
    return [Bar(f"{number * step}–{(number + 1) * step}", value) for number, value in enumerate(histogram)]


def bars(values: Sequence[Bar], title: str) -> Markup:
    """The picture; colours come from the style sheet."""
    highest = max([bar.value for bar in values] + [1])
    wide = (WIDTH - GAP) / max(1, len(values))
    parts = [
        Markup('<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, HEIGHT + _FOOT + _HEAD, title
        )
    ]
    for number, bar in enumerate(values):
        tall = HEIGHT * bar.value / highest
        left, top = GAP + number * wide, _HEAD + HEIGHT - tall
        middle = left + (wide - GAP) / 2
        parts.append(
            Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>').format(
                left, top, wide - GAP, tall
            )
        )
        parts.append(Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(middle, top - 4, bar.value or ""))
        parts.append(Markup('<text x="{:.1f}" y="{}">{}</text>').format(middle, _HEAD + HEIGHT + _FOOT - 5, bar.label))
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)
