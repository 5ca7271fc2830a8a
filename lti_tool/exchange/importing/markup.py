"""XML and HTML of strangers: parsed without entities, document types or network, and HTML turned into Markdown."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

from lti_tool.exchange.importing.items import Refused

MOST_TEXT = 100_000
"""Characters of a page."""
MOST_XML = 8 * 1024**2
"""Bytes of a document, unless more is said to be needed."""
MOST_PARTS = 1_000_000
"""Signs that begin an element, end one, or give it an attribute: a tree takes a hundred bytes and more for each."""
MOST_DECLARED = 400
"""Bytes in which a document says what encoding it is in."""
ENCODINGS = (
    "utf-8",
    "utf-16",
    "us-ascii",
    "windows-1251",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-5",
    "koi8-r",
    "cp866",
)
_DECLARED = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_BEFORE_ROOT = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~$!])")
_DROPPED = {"script", "style", "head", "iframe", "object", "embed", "template", "noscript", "svg", "math", "title"}
_BLOCKS = {"p", "div", "section", "article", "ul", "ol", "table", "blockquote", "pre", "header", "footer", "main"}
_AROUND = {"strong": "**", "b": "**", "em": "*", "i": "*"}


def parse(content: bytes, most: int = MOST_XML) -> Any:
    """The root of an XML document of at most `most` bytes. Raises Refused: too_large, doctype, encoding, not_xml.

    A document type is refused before anything is parsed, and with it every entity: what we read never needs one. What
    the parser gets is what was looked at, in UTF-8, whatever encoding the document says it is in.
    """
    if len(content) > most:
        raise Refused("too_large")
    text = decoded(content, _declared(content))
    if text.count("<") + text.count("=") > MOST_PARTS:
        raise Refused("too_large")
    text = _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1)
    start = _BEFORE_ROOT.match(text)
    if text.startswith("<!", start.end() if start else 0):
        raise Refused("doctype")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused("not_xml") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("doctype")
    return root


def _declared(content: bytes) -> str:
    """The encoding a document says it is in. Raises Refused(encoding) when it hides that far behind its beginning."""
    head = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:MOST_DECLARED]
    if not head.startswith(b"<?xml"):
        return ""
    declaration, end, _rest = head.partition(b"?>")
    if not end:
        raise Refused("encoding")
    if b"encoding" not in declaration:
        return ""
    found = _DECLARED.search(declaration)
    if found is None:
        raise Refused("encoding")
    return found[1].decode("ascii").lower()


def decoded(content: bytes, told: str = "") -> str:
    """A text in one of the encodings schools' programs write. Raises Refused(encoding)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        told = "utf-16"
    elif content[:4].replace(b"\0", b"") == b"<?" or content[:2] in (b"<\0", b"\0<"):
        told = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    elif told not in ENCODINGS:
        if told and told not in ("utf8", "ascii", "cp1251"):
            raise Refused("encoding")
        told = "windows-1251" if told == "cp1251" else "utf-8"
    try:
        return content.decode(told)
    except UnicodeError:
        raise Refused("encoding") from None


def to_markdown(page: bytes) -> tuple[str, str]:
    """(title, Markdown) of an HTML page: its words, headings, lists and links; nothing that acts."""
    try:
        text = decoded(page, _charset(page))
    except Refused:
        text = page.decode("windows-1251", "replace")
    try:
        root = html.document_fromstring(
            text.replace("\0", ""), parser=html.HTMLParser(encoding="utf-8", huge_tree=False)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return "", ""
    written = "".join(_pieces(root))
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in written.splitlines()]
    return " ".join((root.findtext(".//title") or "").split())[:200], re.sub(
        r"\n{3,}", "\n\n", "\n".join(lines)
    ).strip()


def _charset(page: bytes) -> str:
    found = re.search(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,30})", page[:2000])
    told = found[1].decode("ascii").lower() if found else ""
    return told if told in ENCODINGS else ""


def _pieces(root: Any) -> Any:
    """Pieces of Markdown, without recursion: pages of strangers may be nested as deep as they like."""
    dropped = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        name = node.tag if isinstance(node.tag, str) else "script"
        if name in _DROPPED:
            dropped += 1 if event == "start" else -1
        elif not dropped:
            yield _opening(name, node) if event == "start" else _closing(name, node)
        if not dropped and (told := node.text if event == "start" else node.tail):
            yield _SIGNS.sub(r"\\\1", re.sub(r"\s+", " ", told))


def _opening(name: str, node: Any) -> str:
    if re.fullmatch("h[1-6]", name):
        return f"\n\n{'#' * (int(name[1]) + 1)} "
    if name == "a":
        return "[" if _leads(node) else ""
    if name in _BLOCKS:
        return "\n\n"
    return {"li": "\n- ", "tr": "\n\n", "td": " ", "th": " ", "br": "\n\n", "img": ""}.get(name, _AROUND.get(name, ""))


def _closing(name: str, node: Any) -> str:
    if name == "a":
        return f"]({_leads(node)})" if _leads(node) else ""
    return "\n\n" if name in _BLOCKS or re.fullmatch("h[1-6]", name) else _AROUND.get(name, "")


def _leads(node: Any) -> str:
    address = (node.get("href") or "").strip()
    return address if re.fullmatch(r"https?://[^\s()<>\"]{1,900}", address) else ""
