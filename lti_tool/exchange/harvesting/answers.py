"""Answers of a repository that speaks OAI-PMH 2.0, read into values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from lti_tool.exchange.harvesting.models import LOM_PREFIX
from lti_tool.exchange.importing.descriptions import of_dublin_core, of_lom
from lti_tool.exchange.importing.items import Item, Refused
from lti_tool.exchange.importing.markup import parse

MOST_TOKEN = 4000
NOTHING_NEW = "noRecordsMatch"


class OaiRefused(Exception):
    """The repository answered with an error of the protocol. `code`: the protocol's word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Record:
    """One record: deleted, or described."""

    identifier: str
    item: Item | None
    """None: it was deleted there."""


@dataclass(frozen=True)
class Answer:
    """A page of records."""

    said_at: datetime
    """By the repository's clock."""
    records: tuple[Record, ...]
    token: str
    """To go on; empty: this was the last page."""


def question(url: str, *, prefix: str, set_name: str, since: datetime | None, token: str) -> str:
    """The address of the next page of records."""
    asked: Mapping[str, str] = {"verb": "ListRecords", "resumptionToken": token}
    if not token:
        asked = {"verb": "ListRecords", "metadataPrefix": prefix}
        asked |= {"set": set_name} if set_name else {}
        asked |= {"from": since.strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"


def read_answer(content: bytes, prefix: str) -> Answer:
    """Raises Refused for what is no answer, and OaiRefused for an error of the protocol."""
    root = parse(content)
    if not str(root.tag).endswith("}OAI-PMH"):
        raise Refused("not_oai")
    said_at = _moment(root.findtext("{*}responseDate") or "")
    fault = root.find("{*}error")
    if fault is not None:
        if fault.get("code") == NOTHING_NEW:
            return Answer(said_at, (), "")
        raise OaiRefused(str(fault.get("code", ""))[:40])
    body = root.find("{*}ListRecords")
    if body is None:
        raise Refused("not_oai")
    token = (body.findtext("{*}resumptionToken") or "").strip()
    if len(token) > MOST_TOKEN:
        raise Refused("not_oai")
    found = (_record(each, prefix) for each in body.iterfind("{*}record"))
    return Answer(said_at, tuple(each for each in found if each.identifier), token)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Refused("not_oai") from None


def _record(record: Any, prefix: str) -> Record:
    identifier = (record.findtext("{*}header/{*}identifier") or "").strip()[:500]
    header = record.find("{*}header")
    if header is not None and header.get("status") == "deleted":
        return Record(identifier, None)
    described = record.find("{*}metadata/*")
    if described is None:
        return Record(identifier, Item("–", identifier[:300], refusal="empty"))
    return Record(identifier, (of_lom if prefix == LOM_PREFIX else of_dublin_core)(described))
