"""Texts that people type, with formulas and pictures: readable, and harmless whatever is typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.markdown import TAGS, render, render_around

KNOWN = {"photo 1.png": "/files/7"}


def test_formulas_become_mathml_and_prices_stay() -> None:
    html = render("Speed $v=\\frac{s}{t}$ costs $5 and $6.\n\n$$\\sqrt{x}$$\n\nAn inline $$a_1$$ one")
    assert "<mfrac><mrow><mi>s</mi></mrow><mrow><mi>t</mi></mrow></mfrac>" in html
    assert "costs $5 and $6." in html
    assert html.count('<math display="block">') == 2
    assert "<code>$\\frac{$</code>" in render("Broken $\\frac{$")
    assert render("$" + "x" * 3000 + "$").startswith("<p><code>$xxx")


def test_pictures_are_those_that_were_attached() -> None:
    html = render("![A map](<file:photo 1.png>) ![Gone](file:gone.png) ![Far](https://elsewhere/x.png)", KNOWN.get)
    assert '<img src="/files/7" alt="A map" loading="lazy">' in html
    assert "Gone" in html
    assert html.count("<img") == 1
    assert '<a href="https://elsewhere/x.png"' in html


def test_a_line_that_is_an_address_can_become_something_else() -> None:
    found = render_around(
        "Before\n\nhttps://v.example/1\n\n[Look](https://v.example/2)\n\n- https://v.example/3\n\nSee https://v.example/4 too",
        lambda address: int(address[-1]) if "v.example" in address else None,
    )
    assert [part for part in found if isinstance(part, int)] == [1, 2]
    assert "Before" in found[0]
    assert "https://v.example/4" in found[-1]


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{background:red}{x}$",
        "$\\text{<img src=x onerror=alert(1)>}$",
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        "[x](file:/etc/passwd)",
        '![" onerror="x](<file:photo 1.png>)',
    ],
)
def test_nothing_that_acts_gets_through(typed: str) -> None:
    html = render(typed, KNOWN.get)
    tags = re.findall(r"<[^>]*>", html)
    assert not [
        tag
        for tag in tags
        if re.search(r"\son\w+\s*=[^\"]*$|style=|javascript:|etc/passwd", re.sub(r'"[^"]*"', "", tag))
    ]
    assert "javascript:" not in "".join(tags)


@given(st.text(alphabet=st.sampled_from("$\\{}^_&<>[]()!ab12 \n\"'`#|~*-"), max_size=120))
def test_whatever_is_typed_is_shown_with_known_tags_only(typed: str) -> None:
    assert set(re.findall(r"<([a-z0-9]+)", render(typed, KNOWN.get))) <= TAGS
