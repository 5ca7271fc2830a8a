"""What reading a file of questions gives: a line for each of them, whether it could be taken or not."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from lxml import etree
from lxml import html as lxml_html
from pydantic import ValidationError

from lti_tool.courses.quizzes.questions import Content
from lti_tool.courses.quizzes.texts import HEADING_SHIFT, excerpt

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_QUESTIONS = 2_000
"""Questions of one file."""
MAX_PICTURE_BYTES = 5 * 1024 * 1024
MAX_PICTURES = 500
PICTURE_TYPES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


class Unreadable(Exception):
    """The file as a whole cannot be read; the text says why, for the person."""


class NotTaken(Exception):
    """One question cannot be taken; the text says why."""


@dataclass(frozen=True)
class Picture:
    """A picture that came with the questions."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Line:
    """One question of the file."""

    number: int
    name: str
    pool: str = ""
    content: Content | None = None
    """None: not taken."""
    points: float = 1.0
    remarks: tuple[str, ...] = ()
    """What was changed, or why it was not taken."""

    @property
    def verdict(self) -> str:
        """`taken`, `changed` or `refused`."""
        if self.content is None:
            return "refused"
        return "changed" if self.remarks else "taken"


@dataclass
class Reading:
    """A file that was read; texts name its pictures `picture:0`, `picture:1`…"""

    lines: list[Line] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    def add_picture(self, name: str, data: bytes) -> int | None:
        """The number of a picture; None when it is none that browsers show safely, or too large."""
        media_type = picture_type(data)
        if media_type is None or len(data) > MAX_PICTURE_BYTES:
            return None
        digest = hashlib.sha256(data).digest()
        for number, known in enumerate(self.pictures):
            if hashlib.sha256(known.data).digest() == digest:
                return number
        if len(self.pictures) >= MAX_PICTURES:
            return None
        self.pictures.append(Picture(name, media_type, data))
        return len(self.pictures) - 1

    def take(self, name: str, pool: str, points: float, make: Callable[[list[str]], Content], *, hint: str) -> None:
        """Add the line of one question; `make` may add remarks, or raise NotTaken. `hint` tells which it was then."""
        if len(self.lines) >= MAX_QUESTIONS:
            raise Unreadable(_("The file holds more than %(count)d questions. Split it.", count=MAX_QUESTIONS))
        remarks: list[str] = []
        content: Content | None = None
        try:
            content = make(remarks)
        except NotTaken as reason:
            remarks = [str(reason)]
        except ValidationError:
            remarks = [_("A part of it is too long, or a number is out of all bounds.")]
        faults = content.faults() if content is not None else []
        if faults:
            content, remarks = None, faults
        shown = name or excerpt(content.text if content else hint)
        number = len(self.lines) + 1
        kept = tuple(dict.fromkeys(remarks))
        self.lines.append(Line(number, shown[:200] or f"{number}", pool[:200], content, points, kept))


def picture_type(data: bytes) -> str | None:
    """The media type of a picture by its first bytes; None for anything that is not PNG, JPEG, GIF or WebP."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for start, media_type in PICTURE_TYPES.items() if data.startswith(start)), None)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or the Russian of old Windows. Raises Unreadable."""
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(too_large())
    if b"\0" in data[:1000] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable(_("This is no text file."))
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    raise Unreadable(_("The letters of this file could not be read. Save it as UTF-8."))


def too_large() -> str:
    """The sentence about a file over the limit."""
    return str(_("The file is larger than %(size)d MB. Split it.", size=MAX_FILE_BYTES // 1024 // 1024))


def markdown_of(source: str, picture: Callable[[str], str | None], remarks: list[str]) -> str:
    """A text in HTML as Markdown. `picture` answers what to write for a picture's address, or None to leave it out."""
    if not source.strip():
        return ""
    if "<" not in source:
        return escaped(html.unescape(source)).strip()
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = lxml_html.fragment_fromstring(_legal(source), create_parent="div", parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        remarks.append(_("Its formatting could not be read and is left out."))
        return escaped(html.unescape(re.sub(r"<[^<>]*>", " ", source))).strip()
    writer = _Writer(picture, remarks)
    writer.element(root, 0)
    return re.sub(r"\n{3,}", "\n\n", "".join(writer.parts)).strip()


_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue004-\ufffd\U00010000-\U0010ffff]")
_SIGNS = re.compile(r"([\\`*_<>#|~&$])")
_LINKS = re.compile(r"\]\(|\]:|\[\[")
_TEX = re.compile(r"(\\\(.{1,2000}?\\\)|\\\[.{1,2000}?\\\]|\$\$[^$]{1,2000}\$\$)", re.DOTALL)
_LINE_START = re.compile(r"(?m)^(\s*)([-+=]|\d{1,9}[.)])(?=\s|$|[-+=])")
_BOLD, _SLANTED, _STRUCK = ("b", "strong"), ("i", "em"), ("s", "strike", "del")
_BLOCKS = (
    "p",
    "div",
    "section",
    "article",
    "center",
    "figure",
    "dl",
    "dt",
    "dd",
)
_SKIPPED = ("script", "style", "head", "title", "iframe", "object", "embed", "form")
MAX_DEPTH = 100


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)


def escaped(text: str) -> str:
    """Plain text as Markdown that shows it as it is; formulas between `\\(`, `\\[` or `$$` stay formulas."""
    pieces = _TEX.split(text)
    pieces[::2] = [_escaped(piece) for piece in pieces[::2]]
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", "".join(pieces))


def _escaped(text: str) -> str:
    shown = _SIGNS.sub(r"\\\1", text)
    # by number, since `\\[` begins a formula
    return shown.replace("[", "&#91;").replace("]", "&#93;") if _LINKS.search(text) else shown


class _Writer:
    """Writes the Markdown of an HTML tree; depth is bounded, for a file may be made to exhaust the stack."""

    def __init__(self, picture: Callable[[str], str | None], remarks: list[str]) -> None:
        self.picture, self.remarks = picture, remarks
        self.parts: list[str] = []

    def element(self, node: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.parts.append(escaped(" ".join(node.itertext())))
            return
        self.parts.append(self._words(node.text))
        for child in node:
            if isinstance(child.tag, str):
                self._child(child, depth + 1)
            self.parts.append(self._words(child.tail))

    def _words(self, text: str | None) -> str:
        return escaped(re.sub(r"\s+", " ", text)) if text else ""

    def _child(self, node: Any, depth: int) -> None:
        tag = node.tag.lower()
        if tag in _SKIPPED:
            self.remarks.append(_("Scripts and embedded things are left out."))
        elif tag == "br":
            self.parts.append("\n")
        elif tag in ("sub", "sup"):
            inside = re.sub(r"[\\{}$^_%&#~]", "", "".join(node.itertext())).strip()
            self.parts.append(f"\\({'_' if tag == 'sub' else '^'}{{{inside}}}\\)" if inside else "")
        elif tag in _BOLD + _SLANTED + _STRUCK:
            self._around(node, depth, "**" if tag in _BOLD else "*" if tag in _SLANTED else "~~")
        elif tag == "img":
            self._image(node)
        elif tag == "a":
            self._link(node, depth)
        else:
            self._block(node, tag, depth)

    def _block(self, node: Any, tag: str, depth: int) -> None:
        if tag in ("ul", "ol"):
            self._list(node, depth, ordered=tag == "ol")
        elif tag == "table":
            self._table(node)
        elif tag in ("pre", "code"):
            self._code(node, tag)
        elif re.fullmatch("h[1-6]", tag):
            words = " ".join(self._inside(node, depth).split())
            self._apart(f"{'#' * max(1, int(tag[1]) - HEADING_SHIFT)} {words}" if words else "")
        elif tag == "hr":
            self._apart("***")
        elif tag == "blockquote":
            inside = re.sub(r"\n{3,}", "\n\n", self._inside(node, depth)).strip()
            self._apart(re.sub(r"(?m)^", "> ", inside))
        elif tag in _BLOCKS:
            self._apart(self._inside(node, depth))
        else:
            self.element(node, depth)

    def _apart(self, words: str) -> None:
        self.parts.append(f"\n\n{words}\n\n")

    def _inside(self, node: Any, depth: int) -> str:
        writer = _Writer(self.picture, self.remarks)
        writer.element(node, depth)
        return "".join(writer.parts)

    def _around(self, node: Any, depth: int, sign: str) -> None:
        inside = self._inside(node, depth)
        words = inside.strip()
        if not words or "\n\n" in words:
            self.parts.append(inside)
            return
        before, after = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
        self.parts.append(f"{before}{sign}{words}{sign}{after}")

    def _image(self, node: Any) -> None:
        address = self.picture(node.get("src") or "")
        if address is None:
            self.remarks.append(_("A picture that did not come with the file is left out."))
            return
        alt = re.sub(r"[\[\]\\\n]", " ", node.get("alt") or "").strip()
        self.parts.append(f"![{alt}]({address})")

    def _list(self, node: Any, depth: int, *, ordered: bool) -> None:
        self.parts.append("\n\n")
        begin = number_from(node.get("start"))
        for number, item in enumerate((child for child in node if child.tag == "li"), start=begin):
            words = re.sub(r"\n+", "\n  ", self._inside(item, depth + 1).strip())
            self.parts.append(f"{f'{number}.' if ordered else '-'} {words}\n")
        self.parts.append("\n")

    def _table(self, node: Any) -> None:
        rows = [[" ".join(cell.itertext()) for cell in row if cell.tag in ("td", "th")] for row in node.iter("tr")]
        rows = [row for row in rows if row]
        if not rows:
            return
        width = max(map(len, rows))
        lines = [" | ".join(_cell(row[place]) if place < len(row) else " " for place in range(width)) for row in rows]
        lines.insert(1, " | ".join(["---"] * width))
        self.parts.append("\n\n" + "\n".join(f"| {line} |" for line in lines) + "\n\n")

    def _code(self, node: Any, tag: str) -> None:
        words = "".join(node.itertext()).replace("`", "'")
        if tag == "pre":
            self.parts.append(f"\n\n```\n{words}\n```\n\n")
        elif words.strip():
            self.parts.append(f"`{' '.join(words.split())}`")

    def _link(self, node: Any, depth: int) -> None:
        words, address = self._inside(node, depth).strip(), (node.get("href") or "").strip()
        if re.fullmatch(r"https?://[^\s()<>]{1,2000}", address) and words and "\n" not in words:
            self.parts.append(f"[{words}]({address})")
        else:
            self.parts.append(words)


def number_from(text: str | None) -> int:
    """Where a numbered list begins."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1


def _cell(text: str) -> str:
    return escaped(" ".join(text.split())) or " "
