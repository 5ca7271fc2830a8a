"""Markdown that people type, with formulas, turned into HTML that is safe to show in a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import unquote

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

HEADING_SHIFT = 1
"""A text stands inside a page whose title is the only first-level heading."""
MAX_FORMULA = 2_000
"""Characters of TeX; a longer one is shown as it was typed."""
PICTURE_SCHEME = "file:"
"""`![what it shows](file:name)` is a picture that was attached under this name."""
MATH_TAGS = {
    *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "menclose", "mphantom"),
}
TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a", "ul", "ol", "li", "img"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    *MATH_TAGS,
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "img": {"src", "alt"},
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "accent", "separator", "movablelimits", "minsize", "maxsize"},
    "mi": {"mathvariant"},
    "mfrac": {"linethickness"},
    "mspace": {"width", "height"},
    "mpadded": {"width", "height", "lspace", "voffset"},
    "mtd": {"columnalign"},
    "mtable": {"columnalign", "columnlines", "rowlines"},
    "menclose": {"notation"},
    "mstyle": {"displaystyle", "scriptlevel", "mathcolor"},
}

Pictures = Callable[[str], str | None]
"""The address of the picture attached under a name; None when there is none."""


def render(text: str, pictures: Pictures | None = None) -> Markup:
    """HTML of a Markdown text: no scripts, styles or raw HTML; links open in a new tab.

    Formulas are TeX between `$` and `$`, or `$$` and `$$` on a line of their own. Pictures are only those that `pictures`
    finds by the name they were attached under: one from elsewhere would tell a stranger who reads the page.
    """
    return _html(_parser.parse(text), pictures)


def render_around(text: str, find: Callable[[str], Any | None], pictures: Pictures | None = None) -> list[Markup | Any]:
    """The same in parts: each paragraph that is nothing but an address, and in which `find` sees something, becomes that."""
    parts: list[Any] = []
    tokens = _parser.parse(text)
    begin = 0
    for index, token in enumerate(tokens):
        if token.type != "inline" or tokens[index - 1].type != "paragraph_open" or tokens[index - 1].level:
            continue
        address = _only_address(token)
        found = find(address) if address else None
        if found is not None:
            parts += [_html(tokens[begin : index - 1], pictures), found]
            begin = index + 2
    return [part for part in [*parts, _html(tokens[begin:], pictures)] if part]


def _only_address(token: Token) -> str:
    """The address a line consists of, bare or as a link; empty when there is more, or none."""
    links = [child for child in token.children or () if child.type == "link_open"]
    typed = token.content.strip()
    if links and (token.children or [])[0] is links[0] and (token.children or [])[-1].type == "link_close":
        return str(links[0].attrs.get("href", "")) if len(links) == 1 else ""
    return typed if typed.startswith(("https://", "http://")) and not typed.split(maxsplit=1)[1:] else ""


def _html(tokens: Sequence[Token], pictures: Pictures | None) -> Markup:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + HEADING_SHIFT, 6)}"
    html = _parser.renderer.render(tokens, _parser.options, {"pictures": pictures})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"loading": "lazy"}},
    )
    return Markup(clean)  # noqa: S704  # nh3 has just cleaned it


def _picture(tokens: Sequence[Token], index: int, _options: Any, env: Any) -> str:
    """An attached picture; any other is a link, or its description when it is none of ours either."""
    token, pictures = tokens[index], env.get("pictures")
    address, said = str(token.attrs.get("src", "")), escapeHtml(token.content)
    if not address.startswith(PICTURE_SCHEME):
        return f'<a href="{escapeHtml(address)}">{said or escapeHtml(address)}</a>'
    found = pictures(unquote(address.removeprefix(PICTURE_SCHEME))) if pictures else None
    return f'<img src="{escapeHtml(found)}" alt="{said}">' if found else said


def _formula(tokens: Sequence[Token], index: int, _options: Any, _env: Any, *, block: bool) -> str:
    html = _mathml(tokens[index].content.strip(), block)
    return f"<p>{html}</p>\n" if tokens[index].type == "math_block" else html


@lru_cache(maxsize=2048)
def _mathml(tex: str, block: bool) -> str:
    """MathML of a formula; the source as it was typed when it cannot be read."""
    if len(tex) <= MAX_FORMULA:
        try:
            return convert(tex, display="block" if block else "inline")
        except Exception:  # noqa: S110  # the library has many, and plain ones such as IndexError
            pass
    sign = "$$" if block else "$"
    return f"<code>{escapeHtml(f'{sign}{tex}{sign}')}</code>"


def _make_parser() -> MarkdownIt:
    """HTML is shown as typed."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    # a price such as $5 is no formula: no digit may follow, no space stand inside
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.add_render_rule("image", lambda _self, *args: _picture(*args))
    for name, block in (("math_inline", False), ("math_inline_double", True), ("math_block", True)):
        rule = partial(_formula, block=block)
        parser.add_render_rule(name, lambda _self, *args, rule=rule: rule(*args))
    validate = parser.validateLink
    parser.validateLink = lambda url: url.startswith(PICTURE_SCHEME) or validate(url)  # type: ignore[method-assign]
    return parser


_parser = _make_parser()
