"""Walking through the tool as somebody: every page and form that links lead to, and every address there is."""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count, product
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.test import TestResponse

from lti_tool.core.db import db
from tests.crawl.scene import Reader
from tests.lms import read_forms

TOOL = "https://tool.example"
QUERIES = 1
"""Addresses that differ only in their query (filters, pages, orders) of which so many are followed."""
ROWS = 2
"""Ids of one table that are tried in an address, and ways to fill in one with several parts."""
_LINK = re.compile(r'\s(?:href|hx-get|data-next)="(/[^"#]*)')
_addresses = count(1)


@dataclass(frozen=True)
class Sent:
    """A form as somebody was shown it."""

    action: str
    fields: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        return self.action.partition("?")[0]


@dataclass
class Walk:
    """What one reader was shown on the way."""

    pages: dict[str, TestResponse] = field(default_factory=dict)
    forms: set[Sent] = field(default_factory=set)

    @property
    def paths(self) -> set[str]:
        """Addresses without what stands behind a question mark."""
        return {path.partition("?")[0] for path in self.pages}


def read(reader: Reader, path: str) -> TestResponse:
    """Open a page, each time from another address: a crowd behind one would meet the limits."""
    return _whole(reader.browser.get(f"{TOOL}{path}", environ_overrides=_from_elsewhere()))


def send(reader: Reader, form: Sent, token: str) -> TestResponse:
    """Send a form in the reader's own session, which is afterwards as it was before."""
    kept = dict(reader.browser._cookies)  # type: ignore[attr-defined]
    data = {**dict(form.fields), "csrf_token": token}
    answer = reader.browser.post(f"{TOOL}{form.action}", data=data, environ_overrides=_from_elsewhere())
    reader.browser._cookies = kept  # type: ignore[attr-defined]
    return _whole(answer)


def _whole(answer: TestResponse) -> TestResponse:
    """The answer with its file read and closed."""
    answer.get_data()
    answer.close()
    return answer


def _from_elsewhere() -> dict[str, str]:
    number = next(_addresses)
    return {"REMOTE_ADDR": f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"}


def walk(reader: Reader, only: Callable[[str], bool] = lambda path: True) -> Walk:
    """Follow every link from the first page on, to the paths that `only` lets through."""
    found, tried = Walk(), {"/": 1}
    waiting = deque(["/"])
    while waiting:
        path = waiting.popleft()
        if path in found.pages:
            continue
        answer = read(reader, path)
        found.pages[path] = answer
        for link in _ways(answer):
            bare = link.partition("?")[0]
            if link not in found.pages and tried.get(bare, 0) < 1 + QUERIES and only(bare):
                tried[bare] = tried.get(bare, 0) + 1
                waiting.append(link)
        found.forms |= set(_forms(answer))
    return found


def _ways(answer: TestResponse) -> Iterator[str]:
    if 300 <= answer.status_code < 400:
        target = urlsplit(answer.location)
        yield target.path + (f"?{target.query}" if target.query else "")
    elif answer.mimetype == "text/html":
        links = (link.replace("&amp;", "&") for link in _LINK.findall(answer.text))
        yield from (link for link in links if not link.startswith("/static/"))


def _forms(answer: TestResponse) -> Iterator[Sent]:
    if answer.mimetype != "text/html":
        return
    buttons = _Buttons()
    buttons.feed(answer.text)
    for number, form in enumerate(read_forms(answer.text, answer.request.url)):
        if form.method == "post" and form.action.startswith(TOOL):
            typed = {name: text for name, text in form.fields.items() if name not in ("csrf_token", "next")}
            for pressed in buttons.found[number] or [{}]:
                yield Sent(form.action.removeprefix(TOOL), tuple(sorted({**typed, **pressed}.items())))


class _Buttons(HTMLParser):
    """What each button of each form adds to it, and the first box to tick of a name: forms with nothing ticked say
    little."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[dict[str, str]]] = []
        self._boxes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append([])
            self._boxes = {}
        elif self.found and values.get("name"):
            if tag == "input" and values.get("type") in ("checkbox", "radio"):
                self._boxes.setdefault(values["name"], values.get("value", "on"))
            elif tag == "button" and values.get("type", "submit") == "submit":
                self.found[-1].append({**self._boxes, values["name"]: values.get("value", "")})


def token_of(reader: Reader) -> str:
    """The hidden token of the reader's session; empty for who has none."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', read(reader, "/privacy/notice").text)
    return found[1] if found else ""


def identity_of(reader: Reader) -> int | None:
    """Who the reader is by the own session; None for who comes from no LMS."""
    with reader.browser.session_transaction(base_url=TOOL) as session:
        found: int | None = session.get("identity_id")
        return found


def text_of(answer: TestResponse) -> str:
    """What an answer holds, also of a file that is no text."""
    return answer.get_data().decode("utf-8", "replace")


Examples = dict[str, InstrumentedAttribute[Any] | tuple[object, ...]]
"""Of each part of addresses: values, columns whose values they are, or both."""


def addresses(app: Flask, method: str, examples: Examples) -> list[str]:
    """Every address that takes `method`, its parts filled in from `examples`. Fails where there is none."""
    adapter, found, lacking = app.url_map.bind("tool.example"), [], set()
    with app.app_context():
        known = {name: _values(example) for name, example in examples.items()}
    for rule in app.url_map.iter_rules():
        if method not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        lacking |= {f"add an example for <{name}> of {rule}" for name in rule.arguments if not known.get(name)}
        if not lacking:
            names = sorted(rule.arguments)
            filled = list(product(*(known[name] for name in names)))
            some = filled[:: -(-len(filled) // ROWS)]  # from all over the list, not its beginning only
            found += [adapter.build(rule.endpoint, dict(zip(names, each, strict=True))) for each in some]
    assert not lacking, "\n".join(sorted(lacking))
    return sorted(set(found))


def _values(example: InstrumentedAttribute[Any] | tuple[object, ...]) -> list[Any]:
    if not isinstance(example, InstrumentedAttribute):
        found = [value for each in example for value in (_values(each) if _is_column(each) else [each])]
        return list(dict.fromkeys(found))
    return list(db.session.scalars(select(example).order_by(example).limit(ROWS)))


def _is_column(example: object) -> bool:
    return isinstance(example, InstrumentedAttribute)


def digest(app: Flask, besides: dict[str, str]) -> dict[str, str]:
    """A fingerprint of every table but those in `besides`; `table.column` leaves a column out."""
    prints = {}
    with app.app_context():
        for table in db.metadata.sorted_tables:
            if table.name in besides:
                continue
            columns = [each for each in table.columns if f"{table.name}.{each.name}" not in besides]
            rows = sorted(repr(tuple(row)) for row in db.session.execute(select(*columns)))
            prints[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        db.session.rollback()
    return prints


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Tables that differ."""
    return [name for name, printed in after.items() if before[name] != printed]
