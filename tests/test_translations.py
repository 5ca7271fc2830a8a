"""Two complete languages: every string has its Russian, none is left over, and placeholders agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
METHODS = [("lti_tool/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "_lp": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def catalogue() -> Catalog:
    with (ROOT / "lti_tool/translations/ru/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="ru")


def strings_in_source() -> set[Any]:
    found = set()
    for folder in ("lti_tool", "templates"):
        methods = [
            (pattern.removeprefix(f"{folder}/"), method) for pattern, method in METHODS if pattern.startswith(folder)
        ]
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, methods, keywords=KEYWORDS, directory_filter=lambda path: "sandbox" not in path
        ):
            found.add(message)
    return found


def translated() -> Iterator[Message]:
    return (message for message in catalogue() if message.id)


def test_every_string_is_in_the_catalogue_and_used() -> None:
    known = {message.id for message in translated()}
    used = strings_in_source()
    assert sorted(map(str, used - known)) == [], "run `make messages` and translate"
    assert sorted(map(str, known - used)) == [], "no longer used: run `make messages`"


def test_every_string_is_translated() -> None:
    def forms(message: Message) -> tuple[str, ...]:
        return message.string if isinstance(message.string, tuple) else (message.string,)

    assert [str(message.id) for message in translated() if message.fuzzy or not all(forms(message))] == []
    assert [message.id for message in translated() if message.pluralizable and len(forms(message)) != 3] == []


@pytest.mark.parametrize("plural", [False, True])
def test_placeholders_agree(plural: bool) -> None:
    for message in translated():
        if message.pluralizable != plural:
            continue
        wanted = set(PLACEHOLDER.findall(message.id[1] if plural else message.id))
        for text in message.string if plural else (message.string,):
            assert set(PLACEHOLDER.findall(text)) == wanted, message.id
