"""What every reader of a source gives: entries as values, and the refusals of what cannot or must not be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lti_tool.exchange.licences import LICENCES
from lti_tool.exchange.models import FILE

MOST_ENTRIES = 20_000
"""Entries of one import."""
MOST_URL = 1000
_CC = re.compile(r"creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero))", re.IGNORECASE)
_CC_NAME = re.compile(r"\bCC[ -](BY(?:-NC)?(?:-SA|-ND)?|0)\b", re.IGNORECASE)


class Refused(Exception):
    """A source, or one entry of it, is not taken. `code`: one of wording.FAULTS or wording.REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Member:
    """A file inside a package."""

    path: str
    name: str
    """For people."""


@dataclass(frozen=True)
class Item:
    """An entry: one resource to be, or the reason why it is none."""

    title: str
    place: str = ""
    folder: str = ""
    kind: str = FILE
    url: str = ""
    body: str = ""
    summary: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    licence: str = ""
    """A code of licences.py that the source itself names; empty: what was said for all."""
    authors: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    stored: int | None = None
    """A file that is stored already."""
    digest: str = ""
    """Of that file."""
    again: int | None = None
    """The number, from 0, of the entry that brought the very same already."""
    refusal: str = ""


@dataclass(frozen=True)
class Contents:
    """A source that was opened; the items are read while they are asked for."""

    title: str
    total: int
    items: Iterator[Item]


def web_address(text: str) -> str:
    """The address itself. Raises Refused for anything but a whole http or https address without a password."""
    address = text.strip()
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.password is None
    except ValueError:
        good = False
    if not good or len(address) > MOST_URL or re.search(r"[\s\x00-\x1f\x7f]", address):
        raise Refused("address")
    return address


def licence_in(text: str) -> str:
    """The Creative Commons licence a text names by address or short name; nothing when it names none of ours."""
    found = _CC.search(text)
    code = ("cc0" if found[2] else f"cc-{found[1].lower().rstrip('-')}") if found else ""
    if not code and (named := _CC_NAME.search(text)):
        code = "cc0" if named[1] == "0" else f"cc-{named[1].lower()}"
    return code if code in LICENCES else ""
