"""Texts of questions: Markdown with pictures of the course and formulas in TeX, turned into HTML that is safe to show."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from lti_tool.core.markdown import TAGS

PICTURE = re.compile(r"picture:(\d{1,18})")
MAX_TEX = 2_000
"""Characters of one formula."""
HEADING_SHIFT = 2
"""A question stands under a heading of its page."""
MATH_TAGS = {
    *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded"),
    *("mphantom", "mfenced", "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"),
    *("mprescripts", "mtable", "mtr", "mtd", "none"),
}
_MATH_ATTRIBUTES = {
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "separator", "minsize", "maxsize", "lspace", "rspace"},
    "mi": {"mathvariant"},
    "mspace": {"width", "height", "depth"},
    "mfrac": {"linethickness"},
    "mtable": {"columnalign", "rowspacing", "columnspacing"},
    "mtd": {"columnalign"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "menclose": {"notation"},
    "mover": {"accent"},
    "munder": {"accentunder"},
}
_FORMULA = re.compile(
    r"\\\[(?P<block>.{1,2000}?)\\\]|\\\((?P<inline>.{1,2000}?)\\\)"
    r"|(?<![\\$])\$\$(?P<dollars>[^$]{1,2000})\$\$|(?<![\\$])\$(?P<dollar>[^\s$](?:[^$\n]{0,1998}[^\s$\\])?)\$(?![\d$])",
    re.DOTALL,
)
_MARKS = re.compile("[\ue000-\ue003]")
_MARK = re.compile("\ue002(\\d+)\ue003")
_GAP = re.compile("\ue000(\\d+)\ue001")
_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def render(
    text: str, picture_url: Callable[[int], str], gaps: list[Markup] | None = None, *, tex: bool = False
) -> Markup:
    """HTML of a text. Pictures are those of the course, at the address the caller gives; others stay their own names.

    `gaps`: controls that take the place of gap_mark(0), gap_mark(1)…; `tex`: formulas stay as they are written.
    """
    formulas: list[str] = []

    def keep(found: re.Match[str]) -> str:
        block = found["block"] or found["dollars"]
        written = block or found["inline"] or found["dollar"]
        if tex:
            formulas.append(escape(f"\\[{written}\\]" if block else f"\\({written}\\)", quote=False))
        else:
            formulas.append(formula(written, block=bool(block)))
        return f"\ue002{len(formulas) - 1}\ue003"

    marked = _FORMULA.sub(keep, text if gaps else _MARKS.sub("", text))
    clean = nh3.clean(
        _html(marked, picture_url),
        tags=TAGS | {"img"},
        attributes={"a": {"href", "title"}, "ol": {"start"}, "img": {"src", "alt", "class"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    shown = _MARK.sub(lambda mark: _listed(formulas, mark[1]), clean)
    if gaps:
        shown = _GAP.sub(lambda mark: _listed([str(gap) for gap in gaps], mark[1]), shown)
    return Markup(shown)  # noqa: S704  # every part has been cleaned


def gap_mark(number: int) -> str:
    """What stands for the gap of this number while the text is rendered."""
    return f"\ue000{number}\ue001"


def without_marks(text: str) -> str:
    """The text without signs that only this module may use."""
    return _MARKS.sub("", text)


@lru_cache(maxsize=2048)
def formula(tex: str, *, block: bool = False) -> str:
    """MathML of a formula; the formula as it was written when it cannot be read."""
    try:
        math = convert(tex.strip()[:MAX_TEX], display="block" if block else "inline")
    except Exception:  # the library raises whatever its parser stumbles over
        return f"<code>{escape(tex)}</code>"
    return nh3.clean(math, tags=MATH_TAGS, attributes=_MATH_ATTRIBUTES, link_rel=None)


def pictures_in(*texts: str) -> set[int]:
    """Ids of the pictures the texts show."""
    return {int(found) for text in texts for found in PICTURE.findall(text)}


def excerpt(text: str, length: int = 80) -> str:
    """The beginning of a text in one line, without pictures and signs of formatting: a name for a question."""
    plain = re.sub(r"!\[([^\]]{0,200})\]\([^)]{0,200}\)", r"\1", text[:2000])
    plain = re.sub(r"\[\[[^\[\]\n]+\]\]", "…", plain)
    plain = re.sub(r"[*#`>]+|\\(?=[^\w\s])|\$", "", plain)
    plain = " ".join(_MARKS.sub("", plain).split())
    return plain if len(plain) <= length else plain[: length - 1].rstrip() + "…"


def _html(text: str, picture_url: Callable[[int], str]) -> str:
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + HEADING_SHIFT, 6)}"
        for child in token.children or ():
            if child.type == "image":
                _settle_picture(child, picture_url)
    return str(_parser.renderer.render(tokens, _parser.options, {}))


def _settle_picture(token: Token, picture_url: Callable[[int], str]) -> None:
    source = str(token.attrs.get("src", ""))
    found = PICTURE.fullmatch(source)
    if found:
        token.attrs = {"src": picture_url(int(found[1])), "alt": "", "class": "img-fluid"}
        return
    # a picture from elsewhere would tell a stranger who reads the page
    token.type, token.content = "text", token.content or source
    token.children = None


def _listed(things: list[str], number: str) -> str:
    place = int(number) if len(number) < 6 else len(things)
    return things[place] if place < len(things) else ""
