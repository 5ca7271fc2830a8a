"""Common Cartridges 1.0 to 1.3: the tree of items, each leaf an entry, each branch the name of a collection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from lti_tool.exchange.importing.items import MOST_ENTRIES, Contents, Item, Member, Refused, web_address
from lti_tool.exchange.importing.markup import MOST_TEXT, parse, to_markdown
from lti_tool.exchange.importing.packages import Package, last_name
from lti_tool.exchange.models import FILE, LINK, PAGE
from lti_tool.exchange.operations.publishing import MOST_FILES

MANIFEST = "imsmanifest.xml"
MOST_SMALL = 1024**2
"""Bytes of a link, a topic or a page that is read as text."""
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_NOT_TAKEN = (("imsqti", "quiz"), ("imsbasiclti", "lti"))
Leaf = tuple[str, str, str]
"""(title, folder, identifier of the resource)."""


def read_cartridge(package: Package) -> Contents:
    """What a package holds. Raises Refused for one whose manifest cannot be read."""
    root = parse(package.read(MANIFEST))
    resources = {each.get("identifier", ""): each for each in root.iterfind("{*}resources/{*}resource")}
    title = _said(root, "{*}metadata/{*}lom/{*}general/{*}title/{*}string")
    leaves = list(_leaves(root))
    if not leaves:
        leaves = [("", "", ident) for ident, each in resources.items() if _type(each) == "webcontent"]
    if len(leaves) > MOST_ENTRIES:
        raise Refused("too_many")
    return Contents(title, len(leaves), _items(package, resources, leaves))


def _said(node: Any, path: str) -> str:
    return " ".join((node.findtext(path) or "").split())[:200]


def _leaves(root: Any) -> Iterator[Leaf]:
    """Items that stand for something, in the order of the tree."""
    found = root.find("{*}organizations/{*}organization")
    waiting: list[tuple[Any, str]] = [(found, "")] if found is not None else []
    while waiting:
        node, folder = waiting.pop()
        title = _said(node, "{*}title")
        if ident := node.get("identifierref"):
            yield title, folder, ident
        below = " / ".join(filter(None, (folder, title)))[:200]
        waiting += [(each, below) for each in reversed(node.findall("{*}item"))]


def _type(resource: Any) -> str:
    return str(resource.get("type", "")).lower()


def _items(package: Package, resources: dict[str, Any], leaves: list[Leaf]) -> Iterator[Item]:
    """An entry for each leaf; what an earlier one brought is not read again."""
    brought: dict[tuple[str, tuple[str, ...]], int] = {}
    for number, (title, folder, ident) in enumerate(leaves):
        resource = resources.get(ident)
        paths = _paths(package, resource) if resource is not None else []
        place = paths[0] if paths else ident
        bare = Item(title or last_name(place) or f"№ {number + 1}", place, folder)
        first = brought.setdefault((_type(resource), tuple(paths)), number) if paths else number
        yield _item(package, resource, paths, bare) if first == number else replace(bare, again=first)


def _item(package: Package, resource: Any, paths: list[str], bare: Item) -> Item:
    try:
        if resource is None:
            raise Refused("missing")
        return _read(package, _type(resource), paths, bare)
    except Refused as refused:
        return replace(bare, refusal=refused.code)


def _paths(package: Package, resource: Any) -> list[str]:
    """Paths of the resource's files, the one that opens it first."""
    base = resource.get(_BASE, "")
    named = [resource.get("href"), *(each.get("href") for each in resource.iterfind("{*}file"))]
    written = [base + each for each in named if each]
    found = [each if each in package.members else unquote(each) for each in written]
    return list(dict.fromkeys(found))


def _read(package: Package, kind: str, paths: list[str], item: Item) -> Item:
    for start, reason in _NOT_TAKEN:
        if kind.startswith(start):
            raise Refused(reason)
    if not paths:
        raise Refused("missing")
    if kind.startswith("imswl"):
        link = parse(package.read(paths[0], MOST_SMALL)).find("{*}url")
        address = web_address(link.get("href", "") if link is not None else "")
        return Item(item.title, item.place, item.folder, LINK, address)
    if kind.startswith("imsdt"):
        text = parse(package.read(paths[0], MOST_SMALL)).findtext("{*}text") or ""
        return replace(item, kind=PAGE, body=_needed(to_markdown(text.encode())[1]))
    if kind == "webcontent" or kind.startswith("associatedcontent"):
        return _content(package, paths, item)
    raise Refused("kind")


def _content(package: Package, paths: list[str], item: Item) -> Item:
    body = ""
    if paths[0].lower().endswith((".html", ".htm", ".xhtml")):
        body = _needed(to_markdown(package.read(paths[0], MOST_SMALL))[1])
        paths = paths[1:]
    if len(paths) > MOST_FILES:
        raise Refused("too_many_files")
    members = tuple(Member(each, last_name(each)) for each in paths)
    return replace(item, kind=PAGE if body else FILE, body=body, members=members)


def _needed(text: str) -> str:
    if not text:
        raise Refused("empty")
    if len(text) > MOST_TEXT:
        raise Refused("too_large")
    return text
